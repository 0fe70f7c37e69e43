/** A TCP client for tests: exact reads, half-close, reset. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type Server, type ServerOpts, type Socket } from "node:net";

/** A peer that keeps a test waiting for longer than this hangs, ms. */
const PATIENCE = 60_000;

export class Client {
  readonly #socket: Socket;
  #ended = false;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once("end", () => {
      this.#ended = true;
    });
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`nothing came or went for ${PATIENCE / 1000} s`)));
    // A reset may come when nobody reads: the next read tells.
    socket.once("error", (error) => {
      this.#error = error;
    });
  }

  static async dial(port: number, host = "127.0.0.1", localAddress?: string): Promise<Client> {
    const from = localAddress === undefined ? {} : { localAddress };
    const socket = createConnection({ port, host, allowHalfOpen: true, noDelay: true, ...from });
    await once(socket, "connect");
    return new Client(socket);
  }

  get localPort(): number {
    return this.#socket.localPort!;
  }

  /** How many bytes have come that nobody has read. */
  get unread(): number {
    return this.#socket.readableLength;
  }

  /** Resolves when the kernel has taken the bytes. */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends the sending side. */
  end(): void {
    this.#socket.end();
  }

  /**
   * Exactly `count` bytes, or fewer when the peer ends first.
   *
   * @throws The connection's error, once it has failed.
   */
  async read(count: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < count) {
      const chunk: Buffer | null =
        this.#socket.read(Math.min(count - length, this.#socket.readableLength)) ?? this.#socket.read();
      if (chunk !== null) {
        chunks.push(chunk);
        length += chunk.length;
      } else if (this.#error !== undefined) {
        throw this.#error;
      } else if (this.#ended) {
        break;
      } else {
        await this.#change();
      }
    }
    return Buffer.concat(chunks);
  }

  /** Everything until the peer ends its sending side. */
  readToEnd(): Promise<Buffer> {
    return this.read(Number.POSITIVE_INFINITY);
  }

  /** Closes with an RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Something to read, the end, or an error. */
  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const changed = () => resolve();
    for (const event of ["readable", "end", "error"]) this.#socket.on(event, changed);
    return promise.finally(() => {
      for (const event of ["readable", "end", "error"]) this.#socket.off(event, changed);
    });
  }
}

/** Each client of an echo server says who it is, ends, and gets that back and the end. */
export async function echoEach(clients: readonly Client[]): Promise<void> {
  await Promise.all(clients.map((client, i) => client.send(`client ${i}`)));
  for (const client of clients) client.end();
  const answers = await Promise.all(clients.map((client) => client.readToEnd()));
  assert.deepEqual(
    answers.map(String),
    clients.map((_, i) => `client ${i}`),
  );
}

/** Listens on a loopback port that the kernel picks. */
export async function listen(options: ServerOpts = {}): Promise<{ server: Server; port: number }> {
  const server = createServer(options).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}

/** A port that nobody has, below those that the kernel gives to clients: it stays free between two guests. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await new Promise<boolean>((resolve, reject) => {
      server.on("error", (error: NodeJS.ErrnoException) =>
        error.code === "EADDRINUSE" ? resolve(false) : reject(error),
      );
      server.listen(port, () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
