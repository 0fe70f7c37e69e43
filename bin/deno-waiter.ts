/** The thread that waits for suspended guests, on Deno. */
import { platform } from "../src/adapters/deno.ts";
import { serveWaiter } from "../src/adapters/posix/wait/waiter-thread.ts";

serveWaiter(platform());
