/** The thread that waits for suspended guests, on Node. */
import { platform } from "../src/adapters/node.ts";
import { serveWaiter } from "../src/adapters/posix/wait/waiter-thread.ts";

serveWaiter(platform());
