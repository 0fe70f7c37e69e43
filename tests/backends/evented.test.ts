import type { SuspendingMachine } from "../../src/machine/machine.ts";
import { runtime } from "../adapters/runtime.ts";
import { suspending } from "./backend.ts";
import { knownDifferences } from "./evented-differences.ts";
import { testBackend } from "./suite.ts";
import { testWait } from "./wait-suite.ts";

const adapter: { eventedMachine(): SuspendingMachine } = await import(
  `../../src/adapters/evented/${runtime}/machine.ts`
);
testBackend(suspending("evented", adapter.eventedMachine(), knownDifferences(runtime)));
testWait("evented", adapter.eventedMachine());
