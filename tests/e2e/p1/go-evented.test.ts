import { eventedHosts } from "../host.ts";
import { goSuite } from "./go-suite.ts";

goSuite(eventedHosts);
