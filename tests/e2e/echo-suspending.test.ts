import { echoSuite } from "./echo-suite.ts";
import { suspendingHosts } from "./host.ts";

echoSuite(suspendingHosts);
