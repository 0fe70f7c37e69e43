import { splitVersion } from "../component/types/names.ts";
import { isOf, p2, p3 } from "./versions.ts";

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

/** What a component exports that serves requests (`wasi:http/proxy`), and what is said of it. */
export const SERVER = "wasi:http/incoming-handler";
export const serverRefusal = `a component that exports \`${SERVER}\` is an HTTP server: Pollux has no \`serve\``;
