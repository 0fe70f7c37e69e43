/** The thread that waits for suspended guests, on Deno. */
import { platform } from "./deno.ts";
import { serveWaiter } from "./posix/waiter-thread.ts";

serveWaiter(platform());
