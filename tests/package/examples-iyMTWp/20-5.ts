import { createSuspendingMachine } from "/work/w-lib/src/adapters/deno.ts";

const machine = await createSuspendingMachine();
machine.selector.close();
