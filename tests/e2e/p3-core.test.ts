import { eventedHosts, waitingHosts } from "./host.ts";
import { p3CoreSuite } from "./p3-core-suite.ts";

p3CoreSuite([...waitingHosts, ...eventedHosts]);
