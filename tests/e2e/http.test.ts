import { hosts } from "./host.ts";
import { httpSuite } from "./http-suite.ts";

for (const host of hosts) httpSuite(host);
