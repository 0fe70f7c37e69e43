import type { HostImports } from "../component/host.ts";
import type { OpenFiles } from "../core/files/open-files.ts";
import type { OpenPreopen } from "../core/files/preopens.ts";
import type { NetworkPolicy } from "../core/policy/network.ts";
import type { SocketObserver } from "../core/policy/socket-observer.ts";
import type { InputStream } from "../core/streams/input-stream.ts";
import type { OutputStream } from "../core/streams/output-stream.ts";
import type { Poll } from "../core/wait/poll.ts";
import type { Machine } from "../machine/machine.ts";
import type { Wanted } from "./interfaces.ts";

/** The host's side of a guest: everything that its WASI imports are made from. */
export interface WasiHost {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly policy: NetworkPolicy;
  readonly openFiles: OpenFiles;
  /** The preopened directories, in the order that the guest gets them. */
  readonly preopens: readonly OpenPreopen[];
  /** argv, including argv[0]. */
  readonly args: readonly string[];
  /** In the order the guest sees; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  /**
   * When the guest's monotonic clock started: ns on the machine's clock, a whole number. Set anew when an instance
   * replaces another.
   */
  started: number;
  /** The value of `insecure-seed` once it was asked for. Reset when an instance replaces another. */
  insecureSeed: readonly [bigint, bigint] | undefined;
  /** `wasi:cli/environment.initial-cwd`. */
  readonly cwd: string | undefined;
  /** The values of `wasi:config/store` by key; undefined if the guest does not get that interface. */
  readonly config: ReadonlyMap<string, string> | undefined;
  /** Returns a new stream each time; all share the underlying source. */
  readonly stdin: () => InputStream;
  readonly stdout: () => OutputStream;
  readonly stderr: () => OutputStream;
  readonly terminals: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** The most bytes that one call for random bytes may return. */
  readonly maxRandomSize: bigint;
  /** Whether `network-error-code` exists (-S network-error-code). */
  readonly networkErrorCode: boolean;
  /** Told of what the guest looks for and was not given. */
  readonly onMissing?: OnMissing | undefined;
  readonly socketObserver?: SocketObserver | undefined;
}

/** Things that a guest may look for by calls that are never refused. */
export type Missing = "directories" | "listener";

export type OnMissing = (what: Missing) => void;

/** Makes the imports that are wanted, of those it can make, for a guest. */
export type MakeImports = (host: WasiHost, wanted?: Wanted) => HostImports;
