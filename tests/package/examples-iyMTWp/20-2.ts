import { createMachine } from "/work/w-lib/src/adapters/bun.ts";

const machine = await createMachine();
console.log(machine.now() > 0); // true
machine.selector.close();
