import { compatible } from "../component/types/names.ts";
import { p2, p3 } from "./versions.ts";

/** What a component exports to be run (`wasi:cli/command`). */
export const RUN = "wasi:cli/run";

/**
 * Which of its exports is what a component is run by: of several versions the newest, for Rust's standard library adds one of 0.2
 * to those of 0.3. Undefined: none.
 *
 * @param hasP3 Whether the component is given WASI 0.3
 */
export function runOf(exports: Iterable<string>, hasP3 = true): string | undefined {
  const all = [...exports];
  const newest = hasP3 ? all.find((name) => name !== RUN && compatible(name, p3(RUN))) : undefined;
  return newest ?? all.find((name) => compatible(name, p2(RUN)));
}

/** What a component exports that serves requests (`wasi:http/proxy`), and what is said of it. */
export const SERVER = "wasi:http/incoming-handler";
export const serverRefusal = `a component that exports \`${SERVER}\` is an HTTP server: Pollux has no \`serve\``;
