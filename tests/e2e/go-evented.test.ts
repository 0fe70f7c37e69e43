import { goSuite } from "../wasi/p1/go-suite.ts";
import { eventedHosts } from "./host.ts";

goSuite(eventedHosts);
