import { hosts } from "./host.ts";
import { serveProgramsSuite } from "./serve-programs-suite.ts";
import { servingOf } from "./serve-suite.ts";

for (const host of hosts) serveProgramsSuite(servingOf(host));
