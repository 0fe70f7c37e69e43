import { splitVersion } from "../component/types/names.ts";
import { isOf, P2_TRACK, P3_TRACK, p2, p3 } from "./versions.ts";

/** The interface that a command exports (`wasi:cli/command`). */
export const RUN = "wasi:cli/run";

/**
 * Returns the export to run a component by, undefined if there is none. Of several versions it is the newest: Rust's
 * standard library adds one of 0.2 to guests that export one of 0.3.
 *
 * @param hasP3 whether the component gets WASI 0.3
 */
export function runOf(exports: Iterable<string>, hasP3 = true): string | undefined {
  const all = [...exports].filter((name) => splitVersion(name).base === RUN);
  const newest = hasP3 ? all.find((name) => isOf(p3, name)) : undefined;
  return newest ?? all.find((name) => isOf(p2, name));
}

/** The interface that a WASI 0.2 server exports (`wasi:http/proxy`). */
export const INCOMING_HANDLER = "wasi:http/incoming-handler";

/** The interface that a WASI 0.3 server exports (`wasi:http/service`). */
export const HANDLER = "wasi:http/handler";

/** The export that a server's requests go to. */
export interface Handler {
  /** Its full name. */
  readonly name: string;
  /** The version of WASI that it belongs to. */
  readonly track: typeof P2_TRACK | typeof P3_TRACK;
}

/**
 * Returns the export that serves requests, undefined if there is none. Of two versions it is the newer one, as in
 * wasmtime.
 */
export function handlerOf(exports: Iterable<string>): Handler | undefined {
  const all = [...exports];
  const find = (base: string, full: typeof p2) =>
    all.find((name) => splitVersion(name).base === base && isOf(full, name));
  const newer = find(HANDLER, p3);
  if (newer !== undefined) return { name: newer, track: P3_TRACK };
  const name = find(INCOMING_HANDLER, p2);
  return name === undefined ? undefined : { name, track: P2_TRACK };
}

/** The interfaces that `wasi:http/proxy` imports, as wasmtime links them. */
const proxyInterfaces: ReadonlySet<string> = new Set([
  "wasi:io/error",
  "wasi:io/poll",
  "wasi:io/streams",
  "wasi:clocks/wall-clock",
  "wasi:clocks/monotonic-clock",
  "wasi:random/random",
  "wasi:cli/stdin",
  "wasi:cli/stdout",
  "wasi:cli/stderr",
  "wasi:http/types",
  "wasi:http/outgoing-handler",
  // Not in that world: granted by -Sconfig only.
  "wasi:config/store",
]);

/** The packages of WASI 0.3 that wasmtime links completely for `wasi:http/service`. */
const servicePackages = ["wasi:cli/", "wasi:clocks/", "wasi:random/", "wasi:http/"] as const;

/** Returns whether a server gets the interface without asking for all of WASI. */
export function isOfServer(name: string): boolean {
  if (isOf(p3, name)) return servicePackages.some((each) => name.startsWith(each));
  return isOf(p2, name) && proxyInterfaces.has(splitVersion(name).base);
}
