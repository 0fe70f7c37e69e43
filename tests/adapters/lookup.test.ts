import { testLookup } from "./lookup-suite.ts";
import { createMachine } from "./runtime.ts";

for (const resolver of ["async", "blocking"] as const) testLookup(resolver, await createMachine({ resolver }));
testLookup("async, poll", await createMachine({ selector: "poll" }));
