import { hostsNamed, hostsWithoutFfi, runtimeOf } from "./host.ts";
import { matrixSuite } from "./matrix-suite.ts";

await matrixSuite(
  [...hostsNamed("bun", "deno"), ...hostsWithoutFfi.filter((host) => runtimeOf(host) === "deno")],
  true,
);
