import process from "node:process";
import { createMachine } from "../runtime.ts";

/** Writes argv's number of bytes in one send, then says on stderr what it answered. */

const { stdio } = await createMachine();
const answer = stdio.stdout.send(new Uint8Array(Number(process.argv[2])).map((_, i) => i % 251));
stdio.stderr.send(new TextEncoder().encode(JSON.stringify(answer)));
process.exit(0);
