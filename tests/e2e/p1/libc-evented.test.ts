import { eventedHosts } from "../host.ts";
import { libcSuite } from "./libc-suite.ts";

libcSuite(eventedHosts);
