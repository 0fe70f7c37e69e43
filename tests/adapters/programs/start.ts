import process from "node:process";
import { createMachine } from "../runtime.ts";

/** Makes a machine and prints its clock's type, or the name and message of what was thrown; then warns. */

try {
  const machine = await createMachine();
  console.log(typeof machine.now());
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.log(`${error.name}: ${error.message}`);
}
process.emitWarning("another warning", "ExperimentalWarning");
