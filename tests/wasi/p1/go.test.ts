import { waitingHosts } from "../../e2e/host.ts";
import { goSuite } from "./go-suite.ts";

goSuite(waitingHosts);
