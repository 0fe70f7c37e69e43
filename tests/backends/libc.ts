import { createMachine } from "../machine.ts";
import { blockingWaiter } from "./sockets.ts";

/** The other end of what is tested, where it must be the kernel's own. */
export const libc = blockingWaiter(await createMachine());
