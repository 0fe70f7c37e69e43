import { eventedHosts, hosts } from "./host.ts";
import { serveClientsSuite } from "./serve-clients-suite.ts";
import { servingOf } from "./serve-suite.ts";

for (const host of [...hosts, ...eventedHosts]) serveClientsSuite(servingOf(host));
