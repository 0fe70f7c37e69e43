import { echoSuite } from "./echo-suite.ts";
import { hosts } from "./host.ts";

echoSuite(hosts);
