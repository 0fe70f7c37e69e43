/** The thread that waits for suspended guests, on Bun. */
import { platform } from "../src/adapters/bun.ts";
import { serveWaiter } from "../src/adapters/posix/wait/waiter-thread.ts";

serveWaiter(platform());
