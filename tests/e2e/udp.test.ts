import { waitingHosts } from "./host.ts";
import { udpSuite } from "./udp-suite.ts";

udpSuite(waitingHosts);
