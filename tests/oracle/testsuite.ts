/**
 * The programs of WebAssembly/wasi-testsuite for WASI 0.3, as they are built in its branch prod/testsuite-base
 * (tests/rust/testsuite/wasm32-wasip3): each NAME.wasm is run as NAME.json says (doc/specification.md there), with the flags that
 * its adapter for wasmtime gives.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Client } from "../e2e/client.ts";
import { type Guest, type Host, start } from "../e2e/host.ts";

type Operation =
  | { readonly type: "run"; readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> }
  | { readonly type: "read" | "write"; readonly id: "stdin" | "stdout" | "stderr"; readonly payload: string }
  | { readonly type: "connect"; readonly id: string; readonly protocol_type: string }
  | { readonly type: "send" | "recv"; readonly id: string; readonly payload: string }
  | { readonly type: "wait"; readonly exit_code?: number };

interface Config {
  readonly operations: readonly Operation[];
  readonly proposals?: readonly string[];
}

/** Without a NAME.json. */
const plain: Config = { operations: [{ type: "run" }, { type: "wait" }] };

/** What is not there yet, by the beginning of a program's name. */
const later: readonly (readonly [prefix: string, why: string])[] = [
  ["filesystem-", "wasi:filesystem 0.3 is a later issue"],
  ["http-client", "it is a server"],
  ["http-service", "it is a server"],
];

/** What a program did that it should not. */
class Mismatch extends Error {}

/** @returns Whether all that can be run pass */
export async function runTestsuite(folder: string, hosts: readonly Host[], parts: readonly string[]): Promise<boolean> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".wasm") && (parts.length === 0 || parts.some((part) => file.includes(part))))
    .map((file) => file.slice(0, -".wasm".length))
    .sort();
  let well = names.length > 0;
  for (const host of hosts) {
    const counts = { passed: 0, failed: 0, later: 0 };
    for (const name of names) {
      const why = later.find(([prefix]) => name.startsWith(prefix))?.[1];
      if (why !== undefined) {
        counts.later++;
        console.log(`later     ${host.name}: ${name}: ${why}`);
        continue;
      }
      const failure = await failureOf(host, join(folder, name));
      if (failure === undefined) counts.passed++;
      else counts.failed++;
      console.log(
        failure === undefined ? `passed    ${host.name}: ${name}` : `FAILED    ${host.name}: ${name}: ${failure}`,
      );
    }
    console.log(`${host.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.later} later`);
    well &&= counts.failed === 0;
  }
  return well;
}

/** What went wrong with the program at that path (without `.wasm`); undefined: nothing. */
async function failureOf(host: Host, path: string): Promise<string | undefined> {
  const json = `${path}.json`;
  const { operations, proposals = [] } = existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as Config) : plain;
  // Two of the socket programs have no file that asks for sockets.
  const network = proposals.includes("sockets") || basename(path).startsWith("sockets-");
  const asked = [...(network ? ["inherit-network"] : []), ...(proposals.includes("http") ? ["http"] : [])];
  await using program = new Program(host, `${path}.wasm`, asked);
  try {
    for (const operation of operations) await program.perform(operation);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** What a panic says, without its backtrace. */
function summary(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => line !== "")
    .slice(0, 2)
    .join(" ");
}

class Program implements AsyncDisposable {
  readonly #host: Host;
  readonly #file: string;
  readonly #flags: readonly string[];
  readonly #clients = new Map<string, Client>();
  /** How much of each stream has been read, characters. */
  readonly #read = { stdin: 0, stdout: 0, stderr: 0 };
  #guest: Guest | undefined;

  /** @param asked Keys of -S */
  constructor(host: Host, file: string, asked: readonly string[]) {
    this.#host = host;
    this.#file = file;
    this.#flags = ["-Wcomponent-model-async", ["-Sp3", ...asked].join()];
  }

  get #running(): Guest {
    if (this.#guest === undefined) throw new Mismatch("an operation before `run`");
    return this.#guest;
  }

  #client(id: string): Client {
    const client = this.#clients.get(id);
    if (client === undefined) throw new Mismatch(`no connection ${id}`);
    return client;
  }

  async perform(operation: Operation): Promise<void> {
    switch (operation.type) {
      case "run": {
        const env = Object.entries(operation.env ?? {}).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
        this.#guest = start(this.#host, this.#file, { flags: [...this.#flags, ...env], args: operation.args ?? [] });
        return;
      }
      case "write":
        this.#running.send(operation.payload);
        return;
      case "read":
        this.#expect("read", operation.payload, await this.#readFrom(operation.id, operation.payload.length));
        return;
      case "connect": {
        const [, host = "", port] = (await this.#running.waitFor(/^(.*):(\d+)\n/))!;
        this.#clients.set(operation.id, await Client.dial(Number(port), host));
        return;
      }
      case "send":
        await this.#client(operation.id).send(operation.payload);
        return;
      case "recv": {
        const { length } = Buffer.from(operation.payload);
        this.#expect("recv", operation.payload, (await this.#client(operation.id).read(length)).toString());
        return;
      }
      case "wait": {
        this.#running.input("");
        const { status, stderr } = await this.#running.outcome();
        const expected = operation.exit_code ?? 0;
        if (status !== expected) throw new Mismatch(`exit status ${status}, expected ${expected}: ${summary(stderr)}`);
        return;
      }
      default:
        throw new Mismatch(`no operation ${JSON.stringify(operation)}`);
    }
  }

  async #readFrom(stream: "stdin" | "stdout" | "stderr", count: number): Promise<string> {
    if (stream === "stdin") throw new Mismatch("a read of stdin");
    const skipped = this.#read[stream];
    this.#read[stream] += count;
    const [, text = ""] = await this.#running.waitFor(new RegExp(`^[^]{${skipped}}([^]{${count}})`), stream);
    return text;
  }

  #expect(what: string, expected: string, seen: string): void {
    if (seen !== expected) throw new Mismatch(`${what}: ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await this.#guest?.[Symbol.asyncDispose]();
  }
}
