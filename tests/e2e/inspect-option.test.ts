/** `--inspect`: a debugger on Node, over V8's protocol; one sentence on the others. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { coreModules, moduleBytes } from "../../src/component/link/compiled.ts";
import { bodiesOf } from "../../src/wasm/code-section.ts";
import { spacesOf } from "../../src/wasm/index-spaces.ts";
import { FUNCTION_NAMES, MODULE_NAME, nameSubsection } from "../../src/wasm/name-section.ts";
import { CODE_SECTION, sectionsOf } from "../../src/wasm/sections.ts";
import { listen } from "./client.ts";
import { Debugger } from "./debugger.ts";
import { guestFile, hosts, hostsNamed, run, start } from "./host.ts";
import { RustGuest } from "./rust.ts";

/** Starts a guest on Node, attaches a debugger, and lets it go on to the pause before the guest's first instruction. */
async function debug(file: string) {
  const [node] = hostsNamed("node");
  const guest = start(node!, file, { flags: ["--inspect=0"] });
  const [, url = ""] = await guest.waitFor(/^Debugger listening on (ws:\S+)$/m, "stderr");
  const client = await Debugger.attach(url);
  await client.ask("Debugger.enable");
  await client.ask("Runtime.runIfWaitingForDebugger");
  const first = await client.paused();
  return { guest, client, first };
}

const modulesOf = ({ scripts }: Debugger) => scripts.filter(({ url }) => url.startsWith("wasm://wasm/"));

/** Finds the function of a name, and the offset of its first instruction. */
function functionNamed(module: Uint8Array<ArrayBuffer>, name: RegExp): { name: string; offset: number } {
  const names = nameSubsection(module, FUNCTION_NAMES, (content) =>
    content.vec("function name", (): [number, string] => [content.u32(), content.name()]),
  );
  const [index = 0, found = ""] = names?.find(([, each]) => name.test(each)) ?? [];
  assert.notEqual(found, "", `${name}`);
  return { name: found, offset: firstInstructions(module)[index - spacesOf(module).importedFunctions]! };
}

/** Offsets of functions' first instructions in a core module, by their order in the code section. */
function firstInstructions(module: Uint8Array<ArrayBuffer>): number[] {
  for (const { id, content } of sectionsOf(module)) {
    if (id === CODE_SECTION) return Array.from(bodiesOf(content), ({ code }) => code.pos);
  }
  return [];
}

const [node] = hostsNamed("node");

describe("--inspect on Node", { skip: node!.skip }, () => {
  it("a breakpoint in a C guest, by its offset: the module has its name and its DWARF", async () => {
    const file = guestFile("traps/inlined-O0-dwarf5");
    const { guest, client } = await debug(file);
    await using _ = guest;
    const [script, ...others] = modulesOf(client);
    assert.equal(others.length, 0);
    assert.match(script!.url, /^wasm:\/\/wasm\/inlined-O0-dwarf5\.wasm-[0-9a-f]+$/);
    assert.deepEqual(
      [script!.scriptLanguage, script!.debugSymbols?.map(({ type }) => type)],
      ["WebAssembly", ["EmbeddedDWARF"]],
    );
    const [, work = 0] = firstInstructions(new Uint8Array(readFileSync(file)));
    const location = { scriptId: script!.scriptId, lineNumber: 0, columnNumber: work };
    await client.ask("Debugger.setBreakpoint", { location });
    await client.ask("Debugger.resume");
    const { callFrames } = await client.paused();
    assert.deepEqual(
      callFrames.slice(0, 2).map(({ functionName, location }) => [functionName, location.scriptId]),
      [
        ["$work", script!.scriptId],
        ["$start", script!.scriptId],
      ],
    );
    assert.equal(callFrames[0]?.location.columnNumber, work);
    await client.ask("Debugger.resume");
    client.close();
    const { status, stderr } = await guest.outcome();
    assert.match(stderr, /at \/guest\/inlined\.c:6:16\n/);
    assert.equal(status, 134);
  });

  const rust = new RustGuest("hello");
  it("a breakpoint in a Rust guest, by its function", { skip: rust.skip }, async () => {
    rust.build();
    const { guest, client } = await debug(rust.file);
    await using _ = guest;
    const bytes = new Uint8Array(readFileSync(rust.file));
    const component = parseComponent(bytes);
    const [module] = [...coreModules(component)].map((each) => moduleBytes(component, each));
    const main = functionNamed(module!, /hello_guest.*4main/);
    const name = nameSubsection(module!, MODULE_NAME, (content) => content.name());
    const script = modulesOf(client).find(({ url }) => url.startsWith(`wasm://wasm/${name}-`));
    const location = { scriptId: script!.scriptId, lineNumber: 0, columnNumber: main.offset };
    await client.ask("Debugger.setBreakpoint", { location });
    await client.ask("Debugger.resume");
    const { callFrames } = await client.paused();
    assert.equal(callFrames[0]?.functionName, `$${main.name}`);
    await client.ask("Debugger.resume");
    client.close();
    const { status, stdout } = await guest.outcome();
    assert.deepEqual([status, stdout.length > 0], [0, true]);
  });

  it("a port that is taken is one sentence", async () => {
    const { server, port } = await listen();
    const { status, stderr } = await run(node!, guestFile("hello"), { flags: [`--inspect=${port}`] });
    server.close();
    assert.match(stderr, new RegExp(`^Error: failed to listen for a debugger on 127\\.0\\.0\\.1:${port}\n`, "m"));
    assert.doesNotMatch(stderr, /bug in Pollux/);
    assert.equal(status, 1);
  });
});

describe("--inspect elsewhere", () => {
  for (const host of hosts.filter(({ name }) => name !== "node")) {
    it(`on ${host.name} says that it needs Node`, { skip: host.skip }, async () => {
      const { status, stderr } = await run(host, guestFile("hello"), { flags: ["--inspect"] });
      assert.match(stderr, /^Error: --inspect needs Node, .*\n$/);
      assert.equal(status, 1);
    });
  }
});
