import { goSuite } from "../preview1/go-suite.ts";
import { eventedHosts } from "./host.ts";

goSuite(eventedHosts);
