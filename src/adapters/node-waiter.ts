/** The thread that waits for suspended guests, on Node. */
import { platform } from "./node.ts";
import { serveWaiter } from "./posix/waiter-thread.ts";

serveWaiter(platform());
