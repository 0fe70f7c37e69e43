import { hosts } from "./host.ts";
import { serveOptionsSuite } from "./serve-options-suite.ts";
import { servingOf } from "./serve-suite.ts";

for (const host of hosts) serveOptionsSuite(servingOf(host));
