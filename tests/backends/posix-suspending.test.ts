import { createSuspendingMachine } from "../../src/library/machine.ts";
import { suspending } from "./backend.ts";
import { testBackend } from "./suite.ts";
import { testWait } from "./wait-suite.ts";

testBackend(suspending("posix, suspending", await createSuspendingMachine()));
testWait("posix, suspending", await createSuspendingMachine());
