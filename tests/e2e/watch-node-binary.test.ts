import { hostsNamed } from "./host.ts";
import { watchSuite } from "./watch-suite.ts";

watchSuite(hostsNamed("node", "binary"));
