import { eachSelector } from "../machine.ts";
import { testSelector } from "./selector-suite.ts";
import { testTcp } from "./tcp-suite.ts";
import { testUdp } from "./udp-suite.ts";

await eachSelector((name, machine) => {
  testSelector(name, machine);
  testTcp(name, machine);
  testUdp(name, machine);
});
