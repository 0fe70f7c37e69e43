import { hosts } from "./host.ts";
import { serveP3Suite } from "./serve-p3-suite.ts";

for (const { name, command, flags } of hosts)
  serveP3Suite({ name, command: (guest, options) => [...command, "serve", ...(flags ?? []), ...options, guest] });
