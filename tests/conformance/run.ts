/**
 * Runs the component model's reference tests: `COMPONENT_MODEL_TESTS=<its test folder> node tests/conformance/run.ts [name]`,
 * or wasmtime's (`tests/misc_testsuite/component-model` in its repository, and `component-model-threading` beside it).
 * `wasm-tools` must be on the PATH; it turns each .wast file into binaries in a temporary folder. With a name, only the files
 * whose path holds it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { callGraph } from "../../src/component/async/stack-switching.ts";
import { allFeatures } from "../../src/component/binary/features.ts";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { ComponentError } from "../../src/component/errors.ts";
import { asyncSupport } from "../../src/component/link/async-support.ts";
import { compileModules } from "../../src/component/link/compile-modules.ts";
import { CompiledComponent } from "../../src/component/link/compiled.ts";
import { type ComponentInstance, linkComponent } from "../../src/component/link/instantiate.ts";
import { suspending } from "../../src/component/link/suspending.ts";
import { camelCase } from "../../src/component/types/names.ts";
import { Trap } from "../../src/core/wait/errors.ts";
import { BlockingPoll } from "../../src/core/wait/poll.ts";
import { runAsync } from "../../src/core/wait/steps.ts";
import { createUnsupportedMachine } from "../../src/machine/unsupported.ts";
import { LinkError, ParseError } from "../../src/wasm/errors.ts";
import { hosts, MAX_RESOURCES } from "./hosts.ts";
import { known, refused, unsupported } from "./known.ts";
import { compare, toJs, type Value } from "./values.ts";

interface Command {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly filename?: string;
  readonly module_type?: "binary" | "text";
  readonly text?: string;
  readonly instance?: string;
  readonly module?: string;
  readonly action?: { readonly field: string; readonly args: readonly Value[] };
  readonly expected?: readonly Value[];
}

interface Counts {
  passed: number;
  failed: number;
  /** Needs what Pollux does not support: known.ts has how many. */
  unsupported: number;
  /** Listed in known.ts. */
  known: number;
  /** In text form. */
  text: number;
}

/** What a command depends on has what Pollux does not support. */
class Unsupported extends Error {}

/** What Pollux says of that which it does not support. Whatever else it says of a valid component is wrong. */
const refusals = [
  /^`cancellable` on `[^`]+` is not supported: component model async has it no more \(at/,
  /^the `map` type is not supported \(at/,
];

const isUnsupported = (error: unknown): boolean =>
  (error instanceof ParseError || error instanceof LinkError) && refusals.some((words) => words.test(error.message));

/** The state of one script. */
class Script {
  readonly #folder: string;
  readonly #definitions = new Map<string, CompiledComponent>();
  #latest: CompiledComponent | undefined;
  #current: ComponentInstance | undefined;
  #blocked: unknown;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #parse(command: Command): CompiledComponent {
    const component = parseComponent(
      new Uint8Array(readFileSync(join(this.#folder, command.filename ?? ""))),
      allFeatures,
    );
    compileModules(component);
    const { switchesStacks } = callGraph(component);
    return new CompiledComponent(component, { asyncSupport, ...(switchesStacks && { suspending }) });
  }

  async #instantiate(component: CompiledComponent): Promise<void> {
    this.#current = undefined;
    const poll = new BlockingPoll(createUnsupportedMachine());
    this.#current = await runAsync(linkComponent(component, hosts, { poll, maxResources: MAX_RESOURCES }));
  }

  async run(command: Command): Promise<void> {
    switch (command.type) {
      case "module":
      case "module_definition":
        this.#blocked = undefined;
        try {
          this.#latest = this.#parse(command);
          if (command.name !== undefined) this.#definitions.set(command.name, this.#latest);
          if (command.type === "module") await this.#instantiate(this.#latest);
        } catch (error) {
          this.#blocked = error;
          throw error;
        }
        return;
      case "module_instance": {
        if (isUnsupported(this.#blocked)) throw new Unsupported();
        const definition = command.module === undefined ? this.#latest : this.#definitions.get(command.module);
        if (definition === undefined) throw new Error(`no definition ${command.module}`);
        this.#blocked = undefined;
        try {
          await this.#instantiate(definition);
        } catch (error) {
          this.#blocked = error;
          throw error;
        }
        return;
      }
      case "assert_invalid":
      case "assert_malformed": {
        let component: CompiledComponent;
        try {
          component = this.#parse(command);
        } catch (error) {
          if (isUnsupported(error)) throw new Unsupported();
          if (error instanceof ParseError || error instanceof WebAssembly.CompileError) return;
          throw error;
        }
        throw new Error(`accepted (${component.file.definitions.length} definitions), expected: ${command.text}`);
      }
      case "action":
        await this.#invoke(command);
        return;
      case "assert_return": {
        const [expected] = command.expected ?? [];
        const actual = await this.#invoke(command);
        if (expected === undefined) {
          if (actual !== undefined) throw new Error(`unexpected result ${String(actual)}`);
        } else {
          compare(expected.type === "result" ? actual : unwrapped(actual), expected);
        }
        return;
      }
      case "assert_uninstantiable":
      case "assert_trap": {
        let message = "";
        try {
          if (command.action === undefined) await this.#instantiate(this.#parse(command));
          else await this.#invoke(command);
        } catch (error) {
          if (error instanceof Unsupported) throw error;
          if (isUnsupported(error)) throw new Unsupported();
          if (error instanceof Trap || error instanceof WebAssembly.RuntimeError) return;
          if (error instanceof RangeError && /call stack/i.test(error.message)) return;
          message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        }
        throw new Error(`no trap, expected: ${command.text} ${message}`);
      }
      case "assert_unlinkable":
        try {
          await this.#instantiate(this.#parse(command));
        } catch (error) {
          if (error instanceof LinkError || error instanceof ParseError) return;
          throw error;
        }
        throw new Error(`linked, expected: ${command.text}`);
      default:
        throw new Error(`unknown command ${command.type}`);
    }
  }

  async #invoke(command: Command): Promise<unknown> {
    if (isUnsupported(this.#blocked)) throw new Unsupported();
    const { field = "", args = [] } = command.action ?? {};
    const func = this.#current?.exports[camelCase(field)];
    if (typeof func !== "function") throw new Error(`no function ${field}`);
    const wantsResult = command.expected?.[0]?.type === "result";
    try {
      const value: unknown = await func(...args.map(toJs));
      return wantsResult ? { tag: "ok", val: value } : value;
    } catch (error) {
      if (wantsResult && error instanceof ComponentError) return { tag: "err", val: error.payload };
      throw error;
    }
  }
}

function unwrapped(value: unknown): unknown {
  return value;
}

async function runFile(root: string, file: string, folder: string): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, unsupported: 0, known: 0, text: 0 };
  const json = join(folder, "script.json");
  const made = spawnSync("wasm-tools", ["json-from-wast", join(root, file), "--wasm-dir", folder, "-o", json], {
    encoding: "utf8",
    // wasmtime's tests have the old way to write it
    env: { ...process.env, WAST_STRICT_COMPONENT_INDICES: "0" },
  });
  if (made.error !== undefined) throw new Error(`wasm-tools: ${made.error.message}`);
  if (made.status !== 0) {
    const why = refused.get(file);
    counts[why === undefined ? "failed" : "known"]++;
    console.log(`${file}: not run: ${why === undefined ? made.stderr.split("\n", 1)[0] : `known: ${why}`}`);
    return counts;
  }
  if (refused.has(file)) {
    counts.failed++;
    console.log(`${file}: wasm-tools takes it, but it is listed as refused`);
  }
  const { commands } = JSON.parse(readFileSync(json, "utf8")) as { commands: Command[] };
  const script = new Script(folder);
  for (const command of commands) {
    if (command.module_type === "text") {
      counts.text++;
      continue;
    }
    const place = `${file}:${command.line}`;
    try {
      await script.run(command);
      counts.passed++;
      if (known.has(place)) {
        counts.failed++;
        console.log(`${place}: passes, but is listed as known`);
      }
    } catch (error) {
      if (error instanceof Unsupported || (isUnsupported(error) && !command.type.startsWith("assert"))) {
        counts.unsupported++;
      } else if (known.has(place)) {
        counts.known++;
        console.log(`${place}: known: ${known.get(place)}`);
      } else {
        counts.failed++;
        console.log(`${place}: ${command.type}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  const expected = unsupported.get(file)?.commands ?? 0;
  if (counts.unsupported !== expected) {
    counts.failed++;
    console.log(`${file}: ${counts.unsupported} commands have what is not supported; listed are ${expected}`);
  }
  return counts;
}

const root = process.env["COMPONENT_MODEL_TESTS"];
const only = process.argv[2] ?? "";
if (root === undefined) {
  console.log("COMPONENT_MODEL_TESTS is not set: it names the test folder of the component-model repository");
  process.exitCode = 1;
} else {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".wast") && file.includes(only))
    .sort();
  const total: Counts = { passed: 0, failed: 0, unsupported: 0, known: 0, text: 0 };
  for (const file of files) {
    const folder = mkdtempSync(join(tmpdir(), "conformance-"));
    try {
      const counts = await runFile(root, file, folder);
      for (const key of ["passed", "failed", "unsupported", "known", "text"] as const) total[key] += counts[key];
      console.log(`${file}: ${line(counts)}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  console.log(`total: ${line(total)}`);
  if (total.failed > 0) process.exitCode = 1;
}

function line({ passed, failed, unsupported, known, text }: Counts): string {
  return `${passed} passed, ${failed} failed, ${unsupported} unsupported, ${known} known, ${text} in text`;
}
