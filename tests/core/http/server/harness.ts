/** What the tests of the server share: one on loopback, handlers, clients that speak bytes. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { HttpField } from "../../../../src/core/http/error-code.ts";
import { byteString, latin1 } from "../../../../src/core/http/fields.ts";
import type { ServerExchange } from "../../../../src/core/http/server/exchange.ts";
import type { ServerLimits } from "../../../../src/core/http/server/limits.ts";
import { HttpServer } from "../../../../src/core/http/server/server.ts";
import type { ServerWork } from "../../../../src/core/http/server/server-context.ts";
import { Condition, Waiter } from "../../../../src/core/wait/condition.ts";
import { SuspendingPoll } from "../../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../../src/library/machine.ts";
import type { SuspendingMachine } from "../../../../src/machine/machine.ts";
import type { TcpHandle } from "../../../../src/machine/sockets.ts";
import { suspending } from "../../../backends/backend.ts";
import { listen, ok } from "../../../backends/sockets.ts";

export type Serve = (exchange: ServerExchange, server: HttpServer) => void;

/** A server that runs until it is closed. */
export interface Running {
  readonly server: HttpServer;
  readonly machine: SuspendingMachine;
  readonly port: number;
  readonly log: string[];
  /** Resolves when nothing is left of it. */
  stop(): Promise<void>;
}

/** The machines that this runtime has: libc's sockets, and its own. */
export const machines = ["posix", "evented"] as const;

export async function start(
  family: (typeof machines)[number],
  serve: Serve,
  limits: Partial<ServerLimits> = {},
  adapt: (listener: TcpHandle) => void = () => {},
): Promise<Running> {
  const machine = await createSuspendingMachine(family);
  const listener = await listen(suspending(family, machine));
  const address = ok(listener.localAddress());
  adapt(listener);
  const log: string[] = [];
  const server: HttpServer = new HttpServer({
    machine,
    poll: new SuspendingPoll(machine),
    listeners: [listener],
    limits,
    serve: (exchange) => serve(exchange, server),
    log: (message) => void log.push(message),
  });
  const running = server.run();
  return {
    server,
    machine,
    port: address.val.port,
    log,
    async stop() {
      await server.close(0);
      await running;
      machine.selector.close();
    },
  };
}

/** A client: what it sends, and what has come. Characters stand for bytes. */
export class Client {
  readonly socket: Socket;
  received = "";
  /** The server has shut down its side, or reset the connection. */
  ended = false;
  #changed: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      this.received += bytes.toString("latin1");
      this.#changed();
    });
    for (const event of ["end", "close", "error"] as const) {
      socket.on(event, () => {
        this.ended = true;
        this.#changed();
      });
    }
  }

  static async to(port: number): Promise<Client> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new Client(socket);
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, "latin1"));
  }

  /** Waits until what has come fulfils this. Fails when the connection ends before. */
  async until(fulfils: (received: string) => boolean): Promise<string> {
    while (!fulfils(this.received)) {
      assert.ok(!this.ended, `the connection ended after ${JSON.stringify(this.received)}`);
      await this.#change();
    }
    return this.received;
  }

  /** Waits until the server has ended the connection. Returns all that came. */
  async end(): Promise<string> {
    while (!this.ended) await this.#change();
    this.socket.destroy();
    return this.received;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Sends, and returns all that comes until the server ends the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const client = await Client.to(port);
  client.send(text);
  return client.end();
}

export const field = (name: string, value: string): HttpField => [name, byteString(value)];

/** Whom nobody tells anything. */
export const silent = { sent(): void {}, stop(): void {} };

/** Answers with a text. */
export function answer(exchange: ServerExchange, text: string, status = 200, headers: readonly HttpField[] = []): void {
  const bytes = byteString(text);
  exchange.respond(status, [...headers, field("content-length", `${bytes.length}`)], silent);
  exchange.write(bytes, 0, bytes.length);
  exchange.finish([]);
}

/** Reads a request's body to its end, as it comes. */
export class BodyCollector implements ServerWork {
  readonly readable = Condition.ready();
  text = "";
  /** Bytes. */
  length = 0;
  readonly #exchange: ServerExchange;
  readonly #server: HttpServer;
  readonly #waiter = new Waiter<ServerWork>(this.readable, this);
  readonly #done: (body: string) => void;
  readonly #max: number;

  /** @param max The most that it keeps, bytes; and asks for at once */
  constructor(exchange: ServerExchange, server: HttpServer, done: (body: string) => void, max = 65_536) {
    this.#exchange = exchange;
    this.#server = server;
    this.#done = done;
    this.#max = max;
    exchange.read(this.readable);
    server.set.add(this.#waiter);
    // It may be under way already.
    server.poll.wake();
    this.fired();
  }

  fired(): void {
    for (;;) {
      const count = this.#exchange.receive(this.#max);
      if (count === "would-block") return;
      if (count === 0) break;
      this.length += count;
      if (this.text.length < this.#max) this.text += latin1(this.#server.machine.buffer, 0, count);
    }
    this.#server.set.remove(this.#waiter);
    this.#done(this.text);
  }
}

/** Requests, for a test to answer when it likes. */
export class Inbox {
  readonly #waiting: ServerExchange[] = [];
  #taker: ((exchange: ServerExchange) => void) | undefined;

  readonly serve: Serve = (exchange) => {
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker === undefined) this.#waiting.push(exchange);
    else taker(exchange);
  };

  next(): Promise<ServerExchange> {
    const exchange = this.#waiting.shift();
    if (exchange !== undefined) return Promise.resolve(exchange);
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }
}

/** Resolves when the condition holds, in the server's wait. */
export function holds({ server }: Running, condition: Condition): Promise<void> {
  return new Promise((resolve) => {
    const work: ServerWork = {
      fired(waiter) {
        server.set.remove(waiter);
        resolve();
      },
    };
    server.set.add(new Waiter(condition, work));
    server.poll.wake();
  });
}

/** Says what it was asked, once all of that has come; 400: it never will. */
export const echo: Serve = (exchange, server) => {
  new BodyCollector(exchange, server, (body) => {
    const { head, trailers, error } = exchange;
    if (error !== undefined) {
      answer(exchange, "", 400);
      return;
    }
    const parts = [head.method, head.path, head.authority ?? "-", head.scheme ?? "-", body];
    for (const [name, value] of trailers ?? []) parts.push(`${name}=${latin1(value)}`);
    answer(exchange, parts.join("|"));
  });
};

export interface Response {
  readonly status: number;
  readonly version: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Without its framing. */
  readonly body: string;
  readonly trailers: string;
}

/**
 * The responses in a text, the last one perhaps to the end of the connection.
 *
 * @param methods Of the requests: those to HEAD have no body
 */
export function responsesIn(text: string, methods: readonly string[] = []): Response[] {
  const responses: Response[] = [];
  let finals = 0;
  for (let at = 0; at < text.length; ) {
    const headEnd = text.indexOf("\r\n\r\n", at);
    assert.ok(headEnd >= 0, `no head in ${JSON.stringify(text.slice(at))}`);
    const [first = "", ...lines] = text.slice(at, headEnd).split("\r\n");
    const [, version = "", code] = /^(HTTP\/1\.[01]) (\d{3}) [ -~]*$/.exec(first) ?? [];
    assert.ok(code !== undefined, `no status line: ${first}`);
    const status = Number(code);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = /^([!-9;-~]+): ?(.*)$/s.exec(line) ?? [];
      assert.ok(name !== undefined && value !== undefined, `no field: ${line}`);
      headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
    }
    at = headEnd + 4;
    let body = "";
    let trailers = "";
    const method = status < 200 ? undefined : methods[finals++];
    if (status < 200 || status === 204 || status === 304 || method === "HEAD") {
      // has none
    } else if (headers.get("transfer-encoding") === "chunked") {
      ({ body, trailers, at } = unchunk(text, at));
    } else if (headers.has("content-length")) {
      const length = Number(headers.get("content-length"));
      body = text.slice(at, at + length);
      at += length;
    } else {
      body = text.slice(at);
      at = text.length;
    }
    responses.push({ status, version, headers, body, trailers });
  }
  return responses;
}

function unchunk(text: string, start: number): { body: string; trailers: string; at: number } {
  let body = "";
  for (let at = start; ; ) {
    const line = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, line), 16);
    assert.ok(line >= 0 && !Number.isNaN(size), `no chunk: ${JSON.stringify(text.slice(at))}`);
    at = line + 2;
    if (size === 0) {
      const end = text.indexOf("\r\n\r\n", line);
      return { body, trailers: end === line ? "" : text.slice(at, end), at: end + 4 };
    }
    body += text.slice(at, at + size);
    assert.equal(text.slice(at + size, at + size + 2), "\r\n");
    at += size + 2;
  }
}
