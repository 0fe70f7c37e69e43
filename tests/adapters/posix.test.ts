import { createMachine } from "./runtime.ts";
import { testSelector } from "./selector-suite.ts";
import { testTcp } from "./tcp-suite.ts";
import { testUdp } from "./udp-suite.ts";

for (const selector of ["epoll", "poll"] as const) {
  const machine = await createMachine({ selector });
  testSelector(selector, machine);
  testTcp(selector, machine);
  testUdp(selector, machine);
}
