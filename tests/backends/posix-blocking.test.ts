import { createMachine } from "../adapters/runtime.ts";
import { blocking } from "./backend.ts";
import { testBackend } from "./suite.ts";

for (const selector of ["epoll", "poll"] as const)
  testBackend(blocking(`posix, ${selector}`, await createMachine({ selector })));
