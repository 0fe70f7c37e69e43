import process from "node:process";
import { READABLE } from "../../../src/machine/selector.ts";
import { createMachine } from "../runtime.ts";

/** Copies stdin to stdout through the machine, then says on stderr how it ended and what is a terminal. */

const { stdio, selector, buffer } = await createMachine();

function copy(): string {
  const { stdin, stdout } = stdio;
  const waits = stdin.source !== undefined && selector.setInterest(stdin.source, READABLE);
  for (;;) {
    const count = stdin.receive(buffer.length);
    if (count === "would-block") {
      if (!waits) return "would-block from a source that cannot be waited for";
      selector.select(Infinity);
    } else if (typeof count !== "number") return JSON.stringify(count);
    else if (count === 0) return "end";
    else {
      // A guest's bytes, as it were: what the machine sends must be a copy.
      const sent = stdout.send(buffer.slice(0, count));
      if (sent !== count) return JSON.stringify(sent);
    }
  }
}

const end = copy();
stdio.stderr.send(
  new TextEncoder().encode(`${end} ${([0, 1, 2] as const).map((fd) => stdio.isTerminal(fd)).join()}\n`),
);
process.exit(0);
