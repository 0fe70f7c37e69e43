/** A client of HTTP/1.1 for tests: sends what it is given, and reads answers as they are on the wire. */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

/** A server that is silent for longer than this hangs, ms. */
const PATIENCE = 20_000;

export type HeaderLine = readonly [name: string, value: string];

/** Text is latin1: a character a byte. */
export interface Answer {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderLine[];
  /** How the end of the body is known. */
  readonly framing: "none" | "length" | "chunked" | "close";
  readonly body: Buffer;
  /** The sizes of its chunks. */
  readonly chunks: readonly number[];
  readonly trailers: readonly HeaderLine[];
  /** Whether the connection ended before the body did. */
  readonly cut: boolean;
}

/** The values of that name, in their order. */
export function valuesOf({ headers }: Answer, name: string): string[] {
  return headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

/** Of a unix socket its path. */
export type Where = { readonly port: number; readonly host: string } | { readonly path: string };

export class HttpConnection implements AsyncDisposable {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #ended = false;
  #failed = false;
  #wake = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, bytes]);
      this.#wake();
    });
    socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    // A server may reset a connection that it has answered on; the bytes before that count.
    socket.on("error", () => {
      this.#failed = true;
      this.#wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** @param to A port of 127.0.0.1, or where else */
  static async dial(to: number | Where): Promise<HttpConnection> {
    const where = typeof to === "number" ? { port: to, host: "127.0.0.1" } : to;
    const socket = createConnection({ ...where, allowHalfOpen: true, noDelay: true });
    await once(socket, "connect");
    return new HttpConnection(socket);
  }

  /** Whether the connection was reset. */
  get failed(): boolean {
    return this.#failed;
  }

  send(bytes: string | Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Resolves when the kernel has taken the bytes, or the connection has failed. */
  async sendAll(bytes: string | Uint8Array): Promise<void> {
    if (!this.#socket.writable) return;
    await new Promise<void>((resolve) => {
      this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () => resolve());
    });
  }

  /** Ends the sending side. */
  end(): void {
    this.#socket.end();
  }

  /** Stops reading: what comes fills the kernel's buffers. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes with an RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return;
    this.#socket.destroy();
    await once(this.#socket, "close");
  }

  /**
   * The next answer, a 1xx too.
   *
   * @param method Of the request: a HEAD's has no body
   * @returns undefined if the connection ends instead
   */
  async answer(method = "GET"): Promise<Answer | undefined> {
    const head = await this.head();
    if (head === undefined) return undefined;
    const [, version = "", status = "", reason = ""] = /^HTTP\/(\S+) (\d+) ?(.*)$/.exec(head.line) ?? [];
    if (status === "") throw new Error(`no status line: ${JSON.stringify(head.line)}`);
    const said = { version, status: Number(status), reason, headers: head.headers };
    return { ...said, ...(await this.#body(said.status, said.headers, method)) };
  }

  /** A whole request's answer. */
  async exchange(request: string | Uint8Array, method = "GET"): Promise<Answer> {
    this.send(request);
    const answer = await this.answer(method);
    if (answer === undefined) throw new Error("the connection ended without an answer");
    return answer;
  }

  /** A head: its first line and its fields. Undefined if the connection ends before it is whole. */
  async head(): Promise<{ line: string; headers: HeaderLine[] } | undefined> {
    const text = await this.#until("\r\n\r\n");
    if (text === undefined) return undefined;
    const [line = "", ...fields] = text.split("\r\n");
    return { line, headers: fields.map(fieldOf) };
  }

  /** Exactly so many bytes; fewer if the connection ends. */
  async bytes(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = count; ; ) {
      const piece = this.#take(Math.min(left, this.#buffer.length));
      pieces.push(piece);
      left -= piece.length;
      if (left === 0 || !(await this.#more())) return Buffer.concat(pieces);
    }
  }

  /** All that comes until the connection ends. */
  rest(): Promise<Buffer> {
    return this.bytes(Number.POSITIVE_INFINITY);
  }

  async #body(
    status: number,
    headers: readonly HeaderLine[],
    method: string,
  ): Promise<Pick<Answer, "framing" | "body" | "chunks" | "trailers" | "cut">> {
    const field = (name: string) => headers.find(([each]) => each.toLowerCase() === name)?.[1];
    const nothing = { body: Buffer.alloc(0), chunks: [], trailers: [], cut: false };
    if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { framing: "none", ...nothing };
    if (field("transfer-encoding")?.toLowerCase() === "chunked") {
      return { framing: "chunked", ...(await this.#chunked()) };
    }
    const length = field("content-length");
    if (length === undefined) return { framing: "close", ...nothing, body: await this.rest() };
    const body = await this.bytes(Number(length));
    return { framing: "length", ...nothing, body, cut: body.length < Number(length) };
  }

  async #chunked(): Promise<Pick<Answer, "body" | "chunks" | "trailers" | "cut">> {
    const [body, chunks, trailers]: [Buffer[], number[], HeaderLine[]] = [[], [], []];
    const soFar = (cut: boolean) => ({ body: Buffer.concat(body), chunks, trailers, cut });
    for (;;) {
      const line = await this.#until("\r\n");
      if (line === undefined) return soFar(true);
      const size = Number.parseInt(line, 16);
      if (Number.isNaN(size)) throw new Error(`no size of a chunk: ${JSON.stringify(line)}`);
      if (size === 0) break;
      const bytes = await this.bytes(size);
      body.push(bytes);
      chunks.push(size);
      if (bytes.length < size || (await this.#until("\r\n")) === undefined) return soFar(true);
    }
    for (;;) {
      const line = await this.#until("\r\n");
      if (line === undefined) return soFar(true);
      if (line === "") return soFar(false);
      trailers.push(fieldOf(line));
    }
  }

  /** What comes before the mark, as latin1, and past it; undefined if the connection ends first. */
  async #until(mark: string): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf(mark, 0, "latin1");
      if (end >= 0) return this.#take(end + mark.length).toString("latin1", 0, end);
      if (!(await this.#more())) return undefined;
    }
  }

  #take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  /** Waits for more bytes. Returns false at the end. */
  async #more(): Promise<boolean> {
    if (this.#ended || this.#failed) return false;
    const before = this.#buffer.length;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server was silent for ${PATIENCE / 1000} s`)), PATIENCE);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.#buffer.length > before || !this.#ended;
  }
}

function fieldOf(line: string): HeaderLine {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
