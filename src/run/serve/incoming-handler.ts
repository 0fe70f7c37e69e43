import type { ServedRequest } from "../../core/http/message.ts";
import { IncomingRequest } from "../../wasi/p2/http/incoming-request.ts";
import { ResponseOutparam } from "../../wasi/p2/http/response-outparam.ts";
import type { HandlerInstance } from "./instance-pool.ts";
import { ServedGuest } from "./served-guest.ts";
import type { Service } from "./service.ts";

/** The guest returned without a response. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

/** An instance that exports `wasi:http/incoming-handler` 0.2: it answers one request at a time. */
export class IncomingHandler implements HandlerInstance {
  readonly #guest: ServedGuest;
  readonly #handle: (...args: unknown[]) => Promise<unknown>;
  readonly #maxFieldsSize: number;

  private constructor(guest: ServedGuest, maxFieldsSize: number) {
    this.#guest = guest;
    this.#handle = guest.handler();
    this.#maxFieldsSize = maxFieldsSize;
  }

  /** @throws as `ServedGuest.link` */
  static async link(service: Service, id: number): Promise<IncomingHandler> {
    return new IncomingHandler(await ServedGuest.link(service, id), service.maxFieldsSize);
  }

  async handle(request: ServedRequest): Promise<void> {
    const response = new ResponseOutparam(request);
    try {
      await this.#handle(new IncomingRequest(request, this.#maxFieldsSize), response);
    } catch (error) {
      throw this.#guest.end(error);
    }
    if (response.error !== undefined) throw new Unanswered(`guest responded with ${response.error.tag}`);
    if (!request.responded) throw new Unanswered("guest never invoked `response-outparam::set` method");
    // what it has not finished it will never
    request.abort();
  }

  /** It does nothing when it has returned. */
  async finished(): Promise<void> {}

  close(): void {
    this.#guest.close();
  }
}
