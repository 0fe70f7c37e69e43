import { eventedHosts } from "./host.ts";
import { serveSuite, servingOf } from "./serve-suite.ts";

// The binary's sockets are Bun's.
for (const host of eventedHosts) if (host.name.startsWith("node")) serveSuite(servingOf(host));
