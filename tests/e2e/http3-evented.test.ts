import { eventedHosts, hostsWithoutFfi } from "./host.ts";
import { buildHttp3 } from "./http3.ts";
import { http3Suite } from "./http3-suite.ts";

buildHttp3();
http3Suite([...eventedHosts, ...hostsWithoutFfi]);
