import { hosts } from "./host.ts";
import { serveP3Suite } from "./serve-p3-suite.ts";
import { servingOf } from "./serve-suite.ts";

for (const host of hosts) serveP3Suite(servingOf(host));
