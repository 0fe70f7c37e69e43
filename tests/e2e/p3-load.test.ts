import { eventedHosts, hosts, hostsWithoutFfi } from "./host.ts";
import { buildP3 } from "./p3.ts";
import { p3LoadSuite } from "./p3-load-suite.ts";

buildP3();
p3LoadSuite([...hosts, ...eventedHosts, ...hostsWithoutFfi]);
