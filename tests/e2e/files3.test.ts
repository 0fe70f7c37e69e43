import { buildFiles3 } from "./files3.ts";
import { files3Suite } from "./files3-suite.ts";
import { waitingHosts } from "./host.ts";

buildFiles3();
files3Suite(waitingHosts);
