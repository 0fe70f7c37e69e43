/** A TCP client for tests: exact reads, half-close, reset. */
import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

export class Client {
  readonly #socket: Socket;
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once("end", () => {
      this.#ended = true;
    });
  }

  /** @throws The connection's error, once it has failed. */
  static async dial(port: number, host = "127.0.0.1"): Promise<Client> {
    const socket = createConnection({ port, host, allowHalfOpen: true, noDelay: true });
    await once(socket, "connect");
    return new Client(socket);
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

  /** Exactly `count` bytes, or fewer when the peer ends first. */
  async read(count: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < count) {
      const chunk: Buffer | null =
        this.#socket.read(Math.min(count - length, this.#socket.readableLength)) ?? this.#socket.read();
      if (chunk !== null) {
        chunks.push(chunk);
        length += chunk.length;
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

  /** Something to read, the end, or an error, which is thrown. */
  #change(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const changed = () => resolve();
    this.#socket.once("readable", changed).once("end", changed).once("error", reject);
    return promise.finally(() => this.#socket.off("readable", changed).off("end", changed).off("error", reject));
  }
}

/** Listens on a loopback port that the kernel picks. */
export async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}
