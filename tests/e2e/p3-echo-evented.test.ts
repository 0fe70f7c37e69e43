import { echoSuite } from "./echo-suite.ts";
import { eventedHosts } from "./host.ts";
import { buildP3 } from "./p3.ts";
import { p3EchoGuests } from "./p3-echo-guests.ts";

buildP3();
echoSuite(eventedHosts, p3EchoGuests());
