/** The behaviour guests on the runtimes' own sockets. */
import { behaviourSuite } from "./behaviour-suite.ts";
import { eventedHosts } from "./host.ts";

behaviourSuite(eventedHosts);
