/** wasi:http over the runtime's own sockets. */
import { eventedHosts } from "./host.ts";
import { httpSuite } from "./http-suite.ts";

for (const host of eventedHosts) httpSuite(host);
