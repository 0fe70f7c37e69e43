import { eventedHosts, hostsWithoutFfi } from "./host.ts";
import { buildP3 } from "./p3.ts";
import { p3Suite } from "./p3-suite.ts";

buildP3();
p3Suite([...eventedHosts, ...hostsWithoutFfi]);
