import type { ServedRequest } from "../../../core/http/message.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { contentLength } from "../../http/request.ts";
import { WasiResource } from "../io/resource.ts";
import type { Fields } from "./fields.ts";
import { OutgoingBody } from "./outgoing-body.ts";

/** `wasi:http/types.outgoing-response`. A command has nobody to send one to, but may make it. */
export class OutgoingResponse extends WasiResource {
  readonly #poll: Poll;
  readonly #headers: Fields;
  #status = 200;
  #body: OutgoingBody | undefined;

  constructor(poll: Poll, headers: Fields) {
    super();
    this.#poll = poll;
    this.#headers = headers;
  }

  get status(): number {
    return this.#status;
  }

  /** Returns whether the value is valid. */
  setStatus(status: number): boolean {
    if (status < 100 || status > 999) return false;
    this.#status = status;
    return true;
  }

  headers(): Fields {
    return this.#headers.viewOf(this);
  }

  /** The body, once; undefined too when content-length is no length. */
  body(): OutgoingBody | undefined {
    const length = contentLength(this.#headers.map);
    if (this.#body !== undefined || typeof length === "string") return undefined;
    this.#body = new OutgoingBody(this.#poll, "HTTP-response-body-size", length);
    return this.#body;
  }

  /** `response-outparam.set`: consumes it. @throws Trap while a view of its headers is there */
  send(request: ServedRequest): void {
    super[Symbol.dispose]();
    request.respond(this.#status, this.#headers.map.entries(), this.#body);
    this.#body?.attach(request);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#body?.stop();
  }
}
