import { libcSuite } from "../preview1/libc-suite.ts";
import { eventedHosts } from "./host.ts";

libcSuite(eventedHosts);
