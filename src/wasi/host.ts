import type { ErrorCode, Machine } from "../adapters/contract.ts";
import { type HostFunction, mayWait } from "../component/host.ts";
import type { InputStream } from "../core/input-stream.ts";
import type { NetworkPolicy } from "../core/network.ts";
import type { OpenFiles } from "../core/open-files.ts";
import type { OutputStream } from "../core/output-stream.ts";
import type { Poll } from "../core/poll.ts";
import type { OpenPreopen } from "../core/preopens.ts";

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
}

/**
 * What calls on sockets do besides: let the bytes go on that streams have queued, for a guest may go round in such calls and
 * never wait. Of streams those do it that find nothing to do.
 */
export function draining(poll: Poll, methods: Readonly<Record<string, HostFunction>>): Record<string, HostFunction> {
  const wrap = (method: HostFunction) => {
    const wrapped = (self: never, first: never, second: never) => {
      poll.drainNext();
      return method(self, first, second);
    };
    return method[mayWait] === true ? waiting(wrapped) : wrapped;
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method)]));
}

/** Marks a function that may answer a promise to a guest that can be suspended. */
export function waiting(method: HostFunction): HostFunction {
  return Object.assign(method, { [mayWait]: true });
}

/** A core result as the linker wants it: the value, or the thrown payload of `result`'s error. */
export function orThrow<T>(result: T | ErrorCode): Exclude<T, string> {
  if (typeof result === "string") throw result;
  return result as Exclude<T, string>;
}
