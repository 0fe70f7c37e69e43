import { ComponentError } from "../../component/errors.ts";
import type { HttpErrorCode } from "../../core/http/error-code.ts";
import type { ServedRequest } from "../../core/http/message.ts";
import { Members } from "../../core/wait/members.ts";
import type { BodyContext } from "../../wasi/p3/http/body.ts";
import { incomingRequest, sendResponse } from "../../wasi/p3/http/handler.ts";
import type { ResponseResource } from "../../wasi/p3/http/response.ts";
import { Expired, guestErrorMessage, Unanswered } from "./errors.ts";
import { headOf } from "./head.ts";
import type { HandlerInstance } from "./instance-pool.ts";
import type { Guests, ServedGuest } from "./served-guest.ts";
import type { Service } from "./service.ts";

/**
 * An instance that exports `wasi:http/handler` 0.3. It handles several requests at once, and continues after their
 * responses have begun, as its tasks produce the bodies.
 */
export class Handler implements HandlerInstance {
  readonly #guest: ServedGuest;
  readonly #service: Service;
  readonly #cx: BodyContext;
  /** Requests whose responses have begun and are not complete. */
  readonly #open = new Members<ServedRequest>();
  /** Resolves when all its tasks have ended. */
  #going: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #whole: () => void = () => {};
  /** The reason to end it after its other responses: it had a request for too long. */
  #expired: Expired | undefined;

  private constructor(guest: ServedGuest, service: Service) {
    this.#guest = guest;
    this.#service = service;
    this.#cx = { poll: guest.poll, buffer: service.machine.buffer, maxFieldsSize: service.maxFieldsSize };
  }

  /** @throws as `Guests.link` */
  static async link(guests: Guests, id: number): Promise<Handler> {
    return new Handler(await guests.link(id), guests.service);
  }

  get usable(): boolean {
    return this.#failure === undefined;
  }

  async handle(request: ServedRequest): Promise<void> {
    const body = sendResponse(request, await this.#respond(request));
    if ("tag" in body) throw new Unanswered(guestErrorMessage(body));
    this.#open.add(request);
    body.whenOver(() => {
      this.#open.delete(request);
      if (this.#open.size === 0) this.#whole();
    });
    this.#going ??= this.#finishTasks("event");
  }

  async #respond(request: ServedRequest): Promise<ResponseResource> {
    const { method, path, authority, scheme = "http", minor, headers } = headOf(request, this.#service.requestHeaders);
    const head = { method, path, authority, scheme, minor, headers };
    const incoming = incomingRequest(this.#cx, request, head);
    this.#guest.requests.begin(request, incoming);
    try {
      return (await this.#guest.handle(incoming)) as ResponseResource;
    } catch (error) {
      if (!(error instanceof ComponentError)) throw error;
      throw new Unanswered(guestErrorMessage(error.payload as HttpErrorCode));
    }
  }

  async #finishTasks(goal: "call" | "event"): Promise<void> {
    try {
      await this.#guest.finishTasks(goal);
    } catch (error) {
      this.#failure = { error };
      for (const request of this.#open.all()) request.abort();
    }
    this.#going = undefined;
  }

  /** Marks it to end; its other requests continue. */
  expire(): void {
    this.#expired = new Expired();
  }

  async finished(): Promise<void> {
    if (this.#expired !== undefined) {
      await this.#allWhole();
      this.#guest.abort(this.#expired);
    }
    await this.#guest.returned();
    // No other request will come that its tasks could wait for.
    if (this.#going !== undefined) await this.#finishTasks("call");
    // The timeout that ended it was already reported.
    if (this.#failure !== undefined && this.#failure.error !== this.#expired) throw this.#failure.error;
    await this.#allWhole();
  }

  async #allWhole(): Promise<void> {
    if (this.#open.size > 0)
      await new Promise<void>((resolve) => {
        this.#whole = resolve;
      });
  }

  abort(reason: unknown): void {
    this.#guest.abort(reason);
  }

  close(): void {
    this.#guest.close();
  }
}
