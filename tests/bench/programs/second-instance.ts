/**
 * `second-instance FILE COUNT [--collect]`: what an instance of a component takes beside a first one, and what the engine alone
 * takes to instantiate the same core modules with the same imports. Prints both, in us, as one line of JSON: means over so many,
 * in blocks in turn, with the garbage that the engine collects meanwhile (JavaScriptCore whenever there are a few memories, which
 * hides all else). With `--collect` all garbage is collected before each, and medians are printed: of code in cold caches.
 */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { givenImports } from "../../../src/inspect/inspect-component.ts";

const [file = "", count = "1000", option] = process.argv.slice(2);
const component = new CompiledComponent(parseComponent(new Uint8Array(readFileSync(file))));
const imports = givenImports();
const { gc = () => {} } = globalThis as { gc?: () => void };

/** What the engine is asked for while the first instance is made. */
const asked: [WebAssembly.Module, WebAssembly.Imports | undefined][] = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    super(module, imports);
    asked.push([module, imports]);
  }
};
// With none alive V8 forgets at each collection what it had learnt of their shapes.
const first = instantiateComponent(component, imports);
WebAssembly.Instance = Instance;

const ways = {
  bare: () => {
    for (const [module, imports] of asked) new Instance(module, imports);
  },
  instance: () => {
    instantiateComponent(component, imports);
  },
};

function taken(make: () => void, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) make();
  return ((performance.now() - start) * 1000) / times;
}

const total = Number(count);
const block = option === "--collect" ? 1 : total / 20;
const collect = option !== "--collect" ? () => {} : "Bun" in globalThis ? () => Bun.gc(true) : gc;
const samples = { bare: new Float64Array(total / block), instance: new Float64Array(total / block) };
// Code gets hot in a run of instances, not between collections.
for (const way of ["bare", "instance"] as const) taken(ways[way], total / 2);
for (let i = 0; i < total / block; i++) {
  for (const way of ["bare", "instance"] as const) {
    collect();
    samples[way][i] = taken(ways[way], block);
  }
}
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value) / values.length;
const median = (values: Float64Array): number => values.sort()[values.length >> 1]!;
const typical = option === "--collect" ? median : mean;
console.log(JSON.stringify({ measured: typical(samples.instance), beside: typical(samples.bare) }));
if (Object.keys(first.exports).length === 0) throw new Error("it exports nothing");
