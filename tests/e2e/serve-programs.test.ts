import { hosts } from "./host.ts";
import { serveProgramsSuite } from "./serve-programs-suite.ts";

for (const { name, command, flags, skip } of hosts)
  serveProgramsSuite({
    name,
    command: (guest, options) => [...command, "serve", ...(flags ?? []), ...options, guest],
    skip,
  });
