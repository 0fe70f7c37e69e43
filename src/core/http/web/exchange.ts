import type { Machine } from "../../../machine/machine.ts";
import { Condition } from "../../wait/condition.ts";
import type { Poll } from "../../wait/poll.ts";
import type { HttpErrorCode, HttpField } from "../error-code.ts";
import { byteString, latin1 } from "../fields.ts";
import type { BodySender, IncomingRequestHead, ServedRequest } from "../message.ts";
import { RequestBody } from "./request-body.ts";
import { ResponseBody } from "./response-body.ts";

/** Statuses of responses without a body, for which `Response` refuses one (Fetch, null body status). */
const bodyless: ReadonlySet<number> = new Set([204, 205, 304]);

/** nginx's status for a client that is gone. No client sees it. */
const CLIENT_GONE = 499;
const TOO_LARGE = 413;

/** A guest's response that cannot be expressed as a `Response`. */
export class Uncarried extends Error {
  override readonly name = "Uncarried";
}

/** The server as an exchange sees it. */
export interface WebServer {
  readonly machine: Machine;
  readonly poll: Poll;
  /** bytes */
  readonly maxBodySize: number;
  /** Called if the guest's response cannot be carried. The client gets a 500. */
  uncarried(error: Uncarried): void;
  /** Called when the response is no longer awaited. */
  abandoned(exchange: WebExchange): void;
}

/**
 * A `Request` and its `Response`. The connection is not accessible, so whatever the Fetch API cannot express is lost: trailers both
 * ways, interim responses, repeated fields as such (except `set-cookie`), the target as it was sent. A body that is complete when
 * it is first read is given whole, with its length.
 */
export class WebExchange implements ServedRequest {
  readonly head: IncomingRequestHead;
  readonly gone = Condition.ready();
  /** Never rejects. */
  readonly response: Promise<Response>;
  readonly trailers = undefined;
  readonly #server: WebServer;
  readonly #requestBody: RequestBody;
  readonly #responseBody: ResponseBody;
  readonly #resolve: (response: Response) => void;
  responded = false;
  complete = false;
  /** Whether further writes go nowhere. */
  #abandoned = false;
  #status = 0;
  #headers = new Headers();
  /** Whether the response may have a body. */
  #carries = false;
  #sender: BodySender | undefined;

  /** @throws TypeError if the request's body is being read, or was */
  constructor(request: Request, server: WebServer) {
    this.head = headOf(request);
    this.#server = server;
    if (request.bodyUsed) throw new TypeError("the request's body was read already");
    this.#requestBody = new RequestBody(request.body, server.machine.buffer, {
      maxSize: server.maxBodySize,
      tooLong: () => this.#refuse(TOO_LARGE),
    });
    this.#responseBody = new ResponseBody({ taken: () => this.#sender?.sent(), cancelled: () => this.leave() });
    const { promise, resolve } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#resolve = resolve;
    this.gone.markPending();
    if (Number(request.headers.get("content-length") ?? 0) > server.maxBodySize) this.#refuse(TOO_LARGE);
    const { signal } = request;
    if (signal.aborted) this.leave();
    else signal.addEventListener("abort", () => this.leave(), { once: true });
  }

  get over(): boolean {
    return this.#requestBody.over;
  }

  get error(): HttpErrorCode | undefined {
    return this.#requestBody.error;
  }

  get finished(): Condition {
    return this.#requestBody.finished;
  }

  now(): number {
    return this.#server.machine.now();
  }

  look(): void {
    this.#server.poll.advanceNext();
  }

  read(readable: Condition): void {
    this.#requestBody.read(readable);
  }

  receive(max: number): number | "would-block" {
    this.#server.poll.streak.end();
    return this.#requestBody.receive(max);
  }

  /** Does nothing: there are no trailers. */
  discard(): void {
    this.#requestBody.end();
  }

  cancel(): void {
    this.#requestBody.end();
  }

  /** Does nothing: a `Response` has no interim responses. */
  inform(): void {}

  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void {
    if (this.responded || this.#abandoned) {
      body?.stop();
      return;
    }
    const refusal = this.#take(status, headers);
    if (refusal !== undefined) {
      body?.stop();
      this.#server.uncarried(refusal);
      this.#settle(new Response(`${refusal.message}\n`, { status: 500 }));
      return;
    }
    this.responded = true;
    this.#sender = body;
    this.#carries = this.head.method !== "HEAD" && !bodyless.has(status);
    if (body === undefined) this.#over();
    // By then, all that is written in this turn is known, perhaps the whole body.
    queueMicrotask(() => this.#begin());
  }

  /** Takes the head. Returns why it cannot be carried, if it cannot. */
  #take(status: number, headers: readonly HttpField[]): Uncarried | undefined {
    if (status < 200 || status > 599)
      return new Uncarried(`the guest's response has status ${status}, which no Response can have (200 to 599)`);
    this.#status = status;
    for (const [name, value] of headers) {
      // It would announce trailers, which are not sent.
      if (name === "trailer") continue;
      try {
        this.#headers.append(name, latin1(value));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return new Uncarried(`the guest's response has a field that no Response can have: ${error.message}`);
      }
    }
    return undefined;
  }

  #begin(): void {
    if (this.#abandoned) return;
    const init = { status: this.#status, headers: this.#headers };
    const body = this.#responseBody;
    if (!this.#carries) this.#resolve(new Response(null, init));
    else if (body.complete) this.#resolve(new Response(body.bytes(), init));
    else this.#resolve(new Response(body.stream(), init));
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (!this.responded || this.complete || start === end) return;
    if (this.#carries) this.#responseBody.write(bytes, start, end);
    else this.#sender?.sent();
  }

  /** Ends the body. Trailers are lost: a `Response` has none. */
  finish(): void {
    if (this.responded && !this.complete) this.#over();
  }

  abort(): void {
    if (this.complete) return;
    const sender = this.#sender;
    this.complete = true;
    this.#sender = undefined;
    this.#responseBody.breakOff();
    sender?.stop();
  }

  #over(): void {
    const sender = this.#sender;
    this.complete = true;
    this.#sender = undefined;
    this.#responseBody.finish();
    sender?.sent();
  }

  /** Called when the client is gone, or got another response. Further writes go nowhere. */
  leave(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#requestBody.end({ tag: "HTTP-protocol-error" });
    // The promise may still be awaited.
    this.#resolve(new Response(null, { status: CLIENT_GONE }));
    if (this.complete) return;
    this.abort();
    this.gone.markReady();
    this.#server.abandoned(this);
  }

  /** Responds with the server's own error. */
  #refuse(status: number): void {
    if (!this.responded) this.#settle(new Response(null, { status }));
    this.leave();
  }

  #settle(response: Response): void {
    this.responded = true;
    this.complete = true;
    this.#resolve(response);
  }
}

function headOf({ method, url, headers }: Request): IncomingRequestHead {
  const { protocol, host, pathname, search } = new URL(url);
  return {
    method,
    path: `${pathname}${search}`,
    authority: headers.get("host") ?? host,
    scheme: protocol.slice(0, -1),
    minor: 1,
    headers: [...headers].map(([name, value]): HttpField => [name, byteString(value)]),
  };
}
