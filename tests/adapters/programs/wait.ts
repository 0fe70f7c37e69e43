import process from "node:process";
import { createMachine } from "../runtime.ts";

/** Waits argv's number of ms in the kernel, over whatever ends a wait early, and says so before and after. */

const [selector, ms] = process.argv.slice(2);
const machine = await createMachine({ selector: selector === "poll" ? "poll" : "epoll" });
const say = (text: string) => machine.stdio.stdout.send(new TextEncoder().encode(text));

say("waiting\n");
const deadline = machine.now() + Number(ms) * 1e6;
for (let now = machine.now(); now < deadline; now = machine.now()) {
  if (machine.selector.select(deadline - now) !== 0) throw new Error("an event from nowhere");
}
say("done\n");
process.exit(0);
