import { hostsNamed, hostsWithoutFfi, runtimeOf } from "./host.ts";
import { matrixSuite } from "./matrix-suite.ts";

await matrixSuite(
  [...hostsNamed("binary", "node"), ...hostsWithoutFfi.filter((host) => runtimeOf(host) === "node")],
  false,
);
