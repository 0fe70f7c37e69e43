import { waitingHosts } from "../../e2e/host.ts";
import { libcSuite } from "./libc-suite.ts";

libcSuite(waitingHosts);
