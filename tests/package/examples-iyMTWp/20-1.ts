import { createSuspendingMachine } from "/work/w-lib/src/adapters/node.ts";

const machine = await createSuspendingMachine();
machine.selector.close();
