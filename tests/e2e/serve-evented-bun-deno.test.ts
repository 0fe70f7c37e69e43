import { eventedHosts } from "./host.ts";
import { serveSuite, servingOf } from "./serve-suite.ts";

for (const host of eventedHosts) if (/^(bun|deno)/.test(host.name)) serveSuite(servingOf(host));
