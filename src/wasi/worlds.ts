/** What a component exports to be run (`wasi:cli/command`). */
export const RUN = "wasi:cli/run";

/** What a component exports that serves requests (`wasi:http/proxy`), and what is said of it. */
export const SERVER = "wasi:http/incoming-handler";
export const serverRefusal = `a component that exports \`${SERVER}\` is an HTTP server: Pollux has no \`serve\``;
