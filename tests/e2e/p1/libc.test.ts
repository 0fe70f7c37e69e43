import { waitingHosts } from "../host.ts";
import { libcSuite } from "./libc-suite.ts";

libcSuite(waitingHosts);
