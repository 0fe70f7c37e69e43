import { waitingHosts } from "../host.ts";
import { goSuite } from "./go-suite.ts";

goSuite(waitingHosts);
