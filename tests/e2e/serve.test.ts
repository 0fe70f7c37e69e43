import { hosts } from "./host.ts";
import { serveSuite } from "./serve-suite.ts";

for (const { name, command, flags } of hosts)
  serveSuite({ name, command: (guest, options) => [...command, "serve", ...(flags ?? []), ...options, guest] });
