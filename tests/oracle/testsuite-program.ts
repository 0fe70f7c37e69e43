/** A program of wasi-testsuite in a process, and the operations that its NAME.json lists (doc/specification.md there). */
import { Client } from "../e2e/client.ts";
import { Guest, type Host, start } from "../e2e/host.ts";
import { type Answer, HttpConnection, valuesOf } from "../e2e/serve/connection.ts";
import type { ServerConfig } from "./testsuite-servers.ts";

export type Operation =
  | { readonly type: "run"; readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> }
  | { readonly type: "read" | "write"; readonly id: "stdin" | "stdout" | "stderr"; readonly payload: string }
  | { readonly type: "connect"; readonly id: string; readonly protocol_type: string }
  | { readonly type: "send" | "recv"; readonly id: string; readonly payload: string }
  | Request
  | { readonly type: "kill"; readonly signal: NodeJS.Signals }
  | { readonly type: "wait"; readonly exit_code?: number };

interface Request {
  readonly type: "request";
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly response?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

/** What stands in NAME.json. */
export interface Config {
  readonly operations?: readonly Operation[];
  readonly proposals?: readonly string[];
  /** The directory that it is given, beside it. */
  readonly root?: string;
  /** `wasi:http/service`: it is a server, and runs by `serve`. */
  readonly world?: "wasi:cli/command" | "wasi:http/service";
  readonly servers?: readonly ServerConfig[];
}

/** What a program did that it should not. */
export class Mismatch extends Error {}

/** What a panic says, without its backtrace. */
function summary(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("Serving HTTP"))
    .slice(0, 2)
    .join(" ");
}
export interface ProgramOptions {
  /** Keys of -S. */
  readonly asked: readonly string[];
  /** What it is given as its root. */
  readonly directory: string | undefined;
  /** Whether `serve` runs it. */
  readonly serves: boolean;
  /** Beside what its `run` says. */
  readonly env: Readonly<Record<string, string>>;
}

export class Program implements AsyncDisposable {
  readonly #host: Host;
  readonly #file: string;
  readonly #options: ProgramOptions;
  readonly #clients = new Map<string, Client>();
  /** How much of each stream has been read, characters. */
  readonly #read = { stdin: 0, stdout: 0, stderr: 0 };
  #guest: Guest | undefined;

  constructor(host: Host, file: string, options: ProgramOptions) {
    this.#host = host;
    this.#file = file;
    this.#options = options;
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
      case "run":
        this.#guest = this.#start(operation.args ?? [], operation.env ?? {});
        return;
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
      case "request":
        await this.#request(operation);
        return;
      case "kill":
        this.#running.kill(operation.signal);
        return;
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

  #start(args: readonly string[], env: Readonly<Record<string, string>>): Guest {
    const { asked, directory, serves } = this.#options;
    const flags = [
      "-Wcomponent-model-async",
      ["-Sp3", ...asked].join(),
      ...(directory === undefined ? [] : ["--dir", `${directory}::/`]),
      ...Object.entries({ ...env, ...this.#options.env }).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ];
    if (!serves) return start(this.#host, this.#file, { flags, args });
    const { command, flags: always = [] } = this.#host;
    const own = ["serve", ...always, "-Scli", "--addr=127.0.0.1:0", ...flags];
    const guest = new Guest([...command, ...own, this.#file, ...args], {});
    guest.input("");
    return guest;
  }

  /** On a connection of its own. */
  async #request({ method = "GET", path = "/", headers = {}, body = "", response = {} }: Request): Promise<void> {
    const [, port] = await this.#running.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/, "stderr");
    await using connection = await HttpConnection.dial(Number(port));
    const bytes = Buffer.from(body);
    const fields = { host: `127.0.0.1:${port}`, "content-length": `${bytes.length}`, ...headers };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.send(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    connection.send(bytes);
    const answer = await this.#running.during(connection.answer(method));
    if (answer === undefined) throw new Mismatch(`${method} ${path}: no answer: ${summary(this.#running.stderr)}`);
    this.#compare(`${method} ${path}`, response, answer);
  }

  #compare(what: string, expected: NonNullable<Request["response"]>, answer: Answer): void {
    const status = expected.status ?? 200;
    if (answer.status !== status) {
      throw new Mismatch(`${what}: ${answer.status}, expected ${status}: ${summary(this.#running.stderr)}`);
    }
    for (const [name, value] of Object.entries(expected.headers ?? {})) {
      this.#expect(`${what}: ${name}`, value, valuesOf(answer, name).join(", "));
    }
    this.#expect(`${what}: body`, expected.body ?? "", answer.body.toString());
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
