import { after } from "node:test";
import type { Backend } from "./backend.ts";
import { testLookup } from "./lookup-suite.ts";
import { testSelector } from "./selector-suite.ts";
import { testTcp } from "./tcp-suite.ts";
import { testUdp } from "./udp-suite.ts";

/** What every machine must do: the contract, clause by clause. */
export function testBackend(backend: Backend): void {
  testSelector(backend);
  testTcp(backend);
  testUdp(backend);
  testLookup(backend);
  after(() => backend.machine.selector.close());
}
