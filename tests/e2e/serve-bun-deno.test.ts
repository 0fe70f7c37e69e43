import { hostsNamed } from "./host.ts";
import { serveSuite, servingOf } from "./serve-suite.ts";

for (const host of hostsNamed("bun", "deno")) serveSuite(servingOf(host));
