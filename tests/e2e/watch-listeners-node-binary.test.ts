import { hostsNamed } from "./host.ts";
import { keepListenersSuite } from "./watch-listeners-suite.ts";

keepListenersSuite(hostsNamed("node", "binary"));
