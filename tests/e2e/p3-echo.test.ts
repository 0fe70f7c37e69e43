import { echoSuite } from "./echo-suite.ts";
import { hosts } from "./host.ts";
import { buildP3 } from "./p3.ts";
import { p3EchoGuests } from "./p3-echo-guests.ts";

buildP3();
echoSuite(hosts, p3EchoGuests());
