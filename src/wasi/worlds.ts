import { splitVersion } from "../component/types/names.ts";
import { isOf, P2_TRACK, P3_TRACK, p2, p3 } from "./versions.ts";

/** What a component exports to be run (`wasi:cli/command`). */
export const RUN = "wasi:cli/run";

/**
 * Which of its exports is what a component is run by: of several versions the newest, for Rust's standard library adds one of 0.2
 * to those of 0.3. Undefined: none.
 *
 * @param hasP3 Whether the component is given WASI 0.3
 */
export function runOf(exports: Iterable<string>, hasP3 = true): string | undefined {
  const all = [...exports].filter((name) => splitVersion(name).base === RUN);
  const newest = hasP3 ? all.find((name) => isOf(p3, name)) : undefined;
  return newest ?? all.find((name) => isOf(p2, name));
}

/** What a component exports to serve requests: in WASI 0.2 (`wasi:http/proxy`). */
export const INCOMING_HANDLER = "wasi:http/incoming-handler";

/** The same in WASI 0.3 (`wasi:http/service`). */
export const HANDLER = "wasi:http/handler";

/** The export that a server's requests go to. */
export interface Handler {
  /** Its full name. */
  readonly name: string;
  /** Of which WASI it is. */
  readonly track: typeof P2_TRACK | typeof P3_TRACK;
}

/** Which of its exports a component serves requests by: of both versions the newer one, as in wasmtime. Undefined: none. */
export function handlerOf(exports: Iterable<string>): Handler | undefined {
  const all = [...exports];
  const find = (base: string, full: typeof p2) =>
    all.find((name) => splitVersion(name).base === base && isOf(full, name));
  const newer = find(HANDLER, p3);
  if (newer !== undefined) return { name: newer, track: P3_TRACK };
  const name = find(INCOMING_HANDLER, p2);
  return name === undefined ? undefined : { name, track: P2_TRACK };
}

/** What `wasi:http/proxy` imports, as wasmtime links it. */
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
  // Not of that world: -Sconfig alone grants it.
  "wasi:config/store",
]);

/** The packages of WASI 0.3 that wasmtime links for `wasi:http/service`, whole. */
const servicePackages = ["wasi:cli/", "wasi:clocks/", "wasi:random/", "wasi:http/"] as const;

/** Whether a server has the interface without asking for all of WASI. */
export function isOfServer(name: string): boolean {
  if (isOf(p3, name)) return servicePackages.some((each) => name.startsWith(each));
  return isOf(p2, name) && proxyInterfaces.has(splitVersion(name).base);
}
