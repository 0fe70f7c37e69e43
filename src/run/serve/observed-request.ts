import type { HttpErrorCode, HttpField } from "../../core/http/error-code.ts";
import type { BodySender, IncomingRequestHead, ServedRequest } from "../../core/http/message.ts";
import type { Condition } from "../../core/wait/condition.ts";
import type { RequestEnd, RequestObserver } from "../options.ts";

/** A request whose progress is reported to an observer. */
export class ObservedRequest implements ServedRequest {
  readonly observer: RequestObserver;
  readonly #request: ServedRequest;
  #status: number | undefined;
  #over = false;

  constructor(request: ServedRequest, observer: RequestObserver) {
    this.#request = request;
    this.observer = observer;
  }

  /** Whether its response is complete, or its client is gone. */
  get ended(): boolean {
    return this.#over;
  }

  /** Called when its client is gone. */
  abandoned(): void {
    this.#end("left");
  }

  #end(how: RequestEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.observer.ends(this.#status, how);
  }

  // The members that are observed.

  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void {
    this.#status ??= status;
    this.#request.respond(status, headers, body);
    if (body === undefined || this.#request.complete) this.#end("complete");
  }

  finish(trailers: readonly HttpField[]): void {
    this.#request.finish(trailers);
    this.#end("complete");
  }

  abort(error?: HttpErrorCode): void {
    this.#request.abort(error);
    this.#end("left");
  }

  // The members that are passed on unchanged.

  get head(): IncomingRequestHead {
    return this.#request.head;
  }

  get gone(): Condition {
    return this.#request.gone;
  }

  get responded(): boolean {
    return this.#request.responded;
  }

  get complete(): boolean {
    return this.#request.complete;
  }

  get finished(): Condition {
    return this.#request.finished;
  }

  get over(): boolean {
    return this.#request.over;
  }

  get error(): HttpErrorCode | undefined {
    return this.#request.error;
  }

  get trailers(): readonly HttpField[] | undefined {
    return this.#request.trailers;
  }

  now(): number {
    return this.#request.now();
  }

  look(): void {
    this.#request.look();
  }

  read(readable: Condition): void {
    this.#request.read(readable);
  }

  receive(max: number): number | "would-block" {
    return this.#request.receive(max);
  }

  discard(): void {
    this.#request.discard();
  }

  cancel(): void {
    this.#request.cancel();
  }

  inform(status: number, headers: readonly HttpField[]): void {
    this.#request.inform(status, headers);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.#request.write(bytes, start, end);
  }
}
