/** The thread that waits for suspended guests, on Bun. */
import { platform } from "./bun.ts";
import { serveWaiter } from "./posix/waiter-thread.ts";

serveWaiter(platform());
