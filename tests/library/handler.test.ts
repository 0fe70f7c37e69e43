import { runtimeServerName } from "./serving/runtime-server.ts";
import { handled } from "./serving/served.ts";
import { servingSuite } from "./serving/suite.ts";

servingSuite(`a handler behind ${runtimeServerName}`, handled("none"));
