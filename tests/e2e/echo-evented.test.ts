import { echoSuite } from "./echo-suite.ts";
import { eventedHosts } from "./host.ts";

echoSuite(eventedHosts);
