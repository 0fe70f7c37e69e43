import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import {
  HTTP_WINDOW,
  type HttpErrorCode,
  type HttpEvent,
  type HttpField,
  type HttpRequest,
} from "../../machine/http.ts";

/** The longest head of a response, bytes: hyper's limit, which is wasmtime's. */
const MAX_HEAD = 409_600;

/** The longest that setTimeout takes, ms. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** What must not have a body that says no length, as in hyper: it would be taken for the next request. */
const bodyless: ReadonlySet<string> = new Set(["GET", "HEAD", "CONNECT"]);

/** One request and its response, on the thread that does HTTP. */
export class Exchange {
  readonly #id: number;
  readonly #options: HttpRequest;
  readonly #post: (event: HttpEvent) => void;
  readonly #over: () => void;
  readonly #request: ClientRequest;
  readonly #sendsBody: boolean;
  #stage: "connecting" | "securing" | "connected" = "connecting";
  #response: IncomingMessage | undefined;
  /** Bytes of the response's body that were sent ahead of `read`. */
  #ahead = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #done = false;

  constructor(id: number, options: HttpRequest, post: (event: HttpEvent) => void, over: () => void) {
    this.#id = id;
    this.#options = options;
    this.#post = post;
    this.#over = over;
    const { secure, headers, method, body } = options;
    const sized = headers.some(([name]) => name === "content-length");
    this.#sendsBody = body && (sized || !bodyless.has(method));
    this.#limit(options.connectTimeout, { tag: "connection-timeout" });
    this.#request = (secure ? httpsRequest : httpRequest)(this.#requestOptions(this.#sendsBody && !sized));
    this.#request
      .once("socket", (socket) => {
        socket.once("connect", () => {
          if (secure) this.#stage = "securing";
          else this.#connected();
        });
        socket.once("secureConnect", () => this.#connected());
      })
      .once("response", (response) => this.#respond(response))
      .on("error", (error: NodeJS.ErrnoException) => this.fail(this.#errorCode(error)))
      // It closes with its connection, which may be while the response still waits to be read.
      .once("close", () => {
        if (this.#response === undefined) this.fail({ tag: "HTTP-protocol-error" });
      });
    if (this.#sendsBody) this.#request.flushHeaders();
    else this.#request.end();
  }

  #requestOptions(chunked: boolean): RequestOptions {
    const { host, port, path, method, headers } = this.#options;
    const named: Record<string, string | string[]> = {};
    for (const [name, value] of headers) {
      const before = named[name];
      named[name] = before === undefined ? text(value) : [before, text(value)].flat();
    }
    if (chunked) named["transfer-encoding"] = "chunked";
    return { host, port, path, method, headers: named, agent: false, maxHeaderSize: MAX_HEAD };
  }

  write(bytes: Uint8Array): void {
    const written = () => this.#post({ type: "written", id: this.#id, length: bytes.length });
    if (this.#sendsBody) this.#request.write(bytes, written);
    else written();
  }

  finish(trailers: readonly HttpField[]): void {
    if (!this.#sendsBody) return;
    if (trailers.length > 0) {
      this.#request.addTrailers(trailers.map(([name, value]) => [name, text(value)] as [string, string]));
    }
    this.#request.end();
  }

  grant(length: number): void {
    this.#ahead -= length;
    if (this.#response?.isPaused() && this.#ahead < HTTP_WINDOW) {
      this.#response.resume();
      this.#limitGap();
    }
  }

  cancel(): void {
    this.#end();
    this.#request.destroy();
  }

  fail(error: HttpErrorCode): void {
    if (this.#done) return;
    this.#post({ type: "error", id: this.#id, error });
    this.cancel();
  }

  #end(): void {
    this.#done = true;
    clearTimeout(this.#timer);
    this.#over();
  }

  #connected(): void {
    this.#stage = "connected";
    this.#limit(this.#options.firstByteTimeout, { tag: "connection-read-timeout" });
  }

  #respond(response: IncomingMessage): void {
    this.#response = response;
    const { statusCode = 0, rawHeaders } = response;
    this.#post({ type: "response", id: this.#id, status: statusCode, headers: fields(rawHeaders) });
    this.#limitGap();
    response.on("data", (chunk: Buffer) => {
      // A copy: the buffer it lies in is the runtime's, and goes to the guest's thread.
      this.#post({ type: "data", id: this.#id, bytes: new Uint8Array(chunk).buffer });
      this.#ahead += chunk.length;
      if (this.#ahead < HTTP_WINDOW) {
        this.#limitGap();
      } else {
        clearTimeout(this.#timer);
        response.pause();
      }
    });
    response.on("error", (error: NodeJS.ErrnoException) => this.fail(this.#errorCode(error)));
    response.on("close", () => this.fail({ tag: "HTTP-protocol-error" }));
    response.on("end", () => {
      if (this.#done) return;
      const trailers = fields(response.rawTrailers);
      this.#post({ type: "end", id: this.#id, trailers: trailers.length > 0 ? trailers : undefined });
      this.#end();
      // A body that is still being sent has nobody to answer it.
      if (!this.#request.writableEnded) this.#request.destroy();
    });
  }

  #limitGap(): void {
    this.#limit(this.#options.betweenBytesTimeout, { tag: "connection-read-timeout" });
  }

  /** Fails in `ns` unless something comes first. */
  #limit(ns: number, error: HttpErrorCode): void {
    clearTimeout(this.#timer);
    const ms = Math.ceil(ns / 1e6);
    this.#timer = ms > MAX_TIMEOUT ? undefined : setTimeout(() => this.fail(error), ms);
  }

  /** As wasmtime 48 maps them: by what it was doing, except where a name has no address. */
  #errorCode({ code = "" }: NodeJS.ErrnoException): HttpErrorCode {
    if (code === "ENOTFOUND" || code.startsWith("EAI_")) {
      return { tag: "DNS-error", val: { rcode: "address not available", infoCode: 0 } };
    }
    if (this.#stage === "connecting") return { tag: "connection-refused" };
    return { tag: this.#stage === "securing" ? "TLS-protocol-error" : "HTTP-protocol-error" };
  }
}

/** As node:http takes values: bytes as characters. */
function text(value: Uint8Array): string {
  return Buffer.from(value).toString("latin1");
}

/** From node's flat list of names and values. */
function fields(raw: readonly string[]): HttpField[] {
  const out: HttpField[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    out.push([raw[i]!.toLowerCase(), new Uint8Array(Buffer.from(raw[i + 1]!, "latin1"))]);
  }
  return out;
}
