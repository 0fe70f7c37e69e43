import type { ServedRequest } from "../../../core/http/message.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { contentLength } from "../../http/request.ts";
import { WasiResource } from "../io/resource.ts";
import type { Fields } from "./fields.ts";
import { OutgoingBody } from "./outgoing-body.ts";

/** `wasi:http/types.outgoing-response`. A command can make one too, but has no request to send it for. */
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

  /** Returns the body the first time, then undefined; also undefined if content-length is not a valid number. */
  body(): OutgoingBody | undefined {
    const length = contentLength(this.#headers.map);
    if (this.#body !== undefined || typeof length === "string") return undefined;
    this.#body = new OutgoingBody(this.#poll, "HTTP-response-body-size", length);
    return this.#body;
  }

  /**
   * `response-outparam.set`: sends and consumes the response.
   *
   * @throws Trap while a view of its headers is not dropped
   */
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
