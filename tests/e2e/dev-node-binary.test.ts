import { devDetailSuite, devSuite } from "./dev-suite.ts";
import { hostsNamed } from "./host.ts";

devSuite(hostsNamed("node", "binary"));
for (const host of hostsNamed("binary")) devDetailSuite(host);
