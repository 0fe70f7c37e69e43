import { served } from "./serving/served.ts";
import { servingSuite } from "./serving/suite.ts";

servingSuite("serve on the runtime's sockets", served("evented"));
