import { eventedHosts } from "./host.ts";
import { udpSuite } from "./udp-suite.ts";

udpSuite(eventedHosts);
