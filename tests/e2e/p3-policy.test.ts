import { eventedHosts, hosts } from "./host.ts";
import { buildP3 } from "./p3.ts";
import { p3PolicySuite } from "./p3-policy-suite.ts";

buildP3();
p3PolicySuite([...hosts, ...eventedHosts]);
