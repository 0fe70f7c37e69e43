import { libcSuite } from "../wasi/p1/libc-suite.ts";
import { eventedHosts } from "./host.ts";

libcSuite(eventedHosts);
