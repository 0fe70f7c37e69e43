import { served } from "./serving/served.ts";
import { servingSuite } from "./serving/suite.ts";

servingSuite("serve on libc's sockets", served("posix"));
