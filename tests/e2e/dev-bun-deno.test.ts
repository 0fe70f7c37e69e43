import { devSuite } from "./dev-suite.ts";
import { hostsNamed } from "./host.ts";

devSuite(hostsNamed("bun", "deno"));
