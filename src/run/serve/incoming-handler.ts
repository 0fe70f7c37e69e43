import type { ServedRequest } from "../../core/http/message.ts";
import { after } from "../../core/wait/deadline.ts";
import { IncomingRequest } from "../../wasi/p2/http/incoming-request.ts";
import { ResponseOutparam } from "../../wasi/p2/http/response-outparam.ts";
import { Expired, guestErrorMessage, Unanswered } from "./errors.ts";
import { headOf } from "./head.ts";
import type { HandlerInstance } from "./instance-pool.ts";
import type { Guests, ServedGuest } from "./served-guest.ts";
import type { Service } from "./service.ts";

/** An instance that exports `wasi:http/incoming-handler` 0.2. It handles one request at a time. */
export class IncomingHandler implements HandlerInstance {
  readonly #guest: ServedGuest;
  readonly #service: Service;

  private constructor(guest: ServedGuest, service: Service) {
    this.#guest = guest;
    this.#service = service;
  }

  /** @throws as `Guests.link` */
  static async link(guests: Guests, id: number): Promise<IncomingHandler> {
    return new IncomingHandler(await guests.link(id), guests.service);
  }

  async handle(request: ServedRequest): Promise<void> {
    const { patience } = this.#service;
    if (patience !== undefined) this.#guest.deadline = after(this.#guest.poll.now(), patience.limit);
    const response = new ResponseOutparam(request);
    const head = headOf(request, this.#service.requestHeaders);
    const incoming = new IncomingRequest(request, head, this.#service.maxFieldsSize);
    this.#guest.requests.begin(request, incoming, response);
    await this.#guest.handle(incoming, response);
    if (response.error !== undefined) throw new Unanswered(guestErrorMessage(response.error));
    if (!response.isSet) throw new Unanswered("guest never invoked `response-outparam::set` method");
    // The guest has returned: an incomplete response will never be finished.
    if (!request.complete) throw new Unanswered("guest did not finish its response");
  }

  expire(): void {
    this.#guest.abort(new Expired());
  }

  /** Always true: the end of a guest was already reported by `handle`. */
  readonly usable = true;

  finished(): Promise<void> {
    return this.#guest.returned();
  }

  abort(reason: unknown): void {
    this.#guest.abort(reason);
  }

  close(): void {
    this.#guest.close();
  }
}
