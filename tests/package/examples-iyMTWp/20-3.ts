import { createSuspendingMachine } from "/work/w-lib/src/adapters/bun.ts";

const machine = await createSuspendingMachine();
machine.selector.close();
