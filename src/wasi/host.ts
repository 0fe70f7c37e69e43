import type { HostImports } from "../component/host.ts";
import type { OpenFiles } from "../core/files/open-files.ts";
import type { OpenPreopen } from "../core/files/preopens.ts";
import type { NetworkPolicy } from "../core/policy/network.ts";
import type { InputStream } from "../core/streams/input-stream.ts";
import type { OutputStream } from "../core/streams/output-stream.ts";
import type { Poll } from "../core/wait/poll.ts";
import type { Machine } from "../machine/machine.ts";
import type { Wanted } from "./interfaces.ts";

/** What a guest's WASI imports are made from. */
export interface WasiHost {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly policy: NetworkPolicy;
  readonly openFiles: OpenFiles;
  /** The directories that the guest is given, in its order. */
  readonly preopens: readonly OpenPreopen[];
  /** argv, with argv[0]. */
  readonly args: readonly string[];
  /** In the guest's order; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  /** Where its monotonic clocks begin: ns on the machine's clock, a whole number. Guests one after another have their own. */
  started: number;
  /** `insecure-seed`, once it was asked for: guests one after another have their own, too. */
  insecureSeed: readonly [bigint, bigint] | undefined;
  /** `wasi:cli/environment.initial-cwd`. */
  readonly cwd: string | undefined;
  /** What `wasi:config/store` has, by name; undefined: there is none. */
  readonly config: ReadonlyMap<string, string> | undefined;
  /** A fresh stream each time; what they carry is shared. */
  readonly stdin: () => InputStream;
  readonly stdout: () => OutputStream;
  readonly stderr: () => OutputStream;
  readonly terminals: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** The most random bytes that one call may ask for. */
  readonly maxRandomSize: bigint;
  /** Whether `network-error-code` is there at all (-S network-error-code). */
  readonly networkErrorCode: boolean;
  /** Told of what the guest looks for and was not given. */
  readonly onMissing?: OnMissing | undefined;
}

/** What a guest may look for without asking for it by a call that can be refused. */
export type Missing = "directories" | "listener";

export type OnMissing = (what: Missing) => void;

/** Makes imports for the guest of this host: those that are wanted of what it can make. */
export type MakeImports = (host: WasiHost, wanted?: Wanted) => HostImports;
