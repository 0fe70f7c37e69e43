import { concat } from "../../streams/concat.ts";

/** The error that the reader of a body gets if it was broken off. */
export class BodyBrokenOff extends Error {
  override readonly name = "BodyBrokenOff";

  constructor() {
    super("the guest broke off its response");
  }
}

/** Events for the writer of a body. */
export interface ResponseBodyOwner {
  /** All that was written has been taken. */
  taken(): void;
  /** The reader is gone. */
  cancelled(): void;
}

/**
 * The body of a `Response`: gives the written bytes when the reader asks. All that was written in one turn, or until it asked, is
 * one piece.
 */
export class ResponseBody {
  readonly #owner: ResponseBodyOwner;
  readonly #pieces: Uint8Array[] = [];
  #end: "complete" | "broken-off" | undefined;
  /** Set while the reader waits for bytes. */
  #asked: (() => void) | undefined;
  #waking = false;

  constructor(owner: ResponseBodyOwner) {
    this.#owner = owner;
  }

  /** Whether all of the body has been written. */
  get complete(): boolean {
    return this.#end === "complete";
  }

  /** Adds a copy of the bytes. */
  write(bytes: Uint8Array, start: number, end: number): void {
    this.#pieces.push(bytes.slice(start, end));
    this.#wakeReader();
  }

  finish(): void {
    this.#end = "complete";
    this.#wakeReader();
  }

  /** Breaks the body off: the reader gets the bytes written so far, then an error. */
  breakOff(): void {
    this.#end ??= "broken-off";
    this.#wakeReader();
  }

  /** Returns all that was written, in place of the stream. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(concat(this.#pieces.splice(0)));
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: () => this.#owner.cancelled() },
      // Nothing is taken before the reader asks.
      { highWaterMark: 0 },
    );
  }

  #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> | undefined {
    if (this.#give(controller)) return undefined;
    return new Promise((resolve) => {
      this.#asked = () => {
        if (!this.#give(controller)) return;
        this.#asked = undefined;
        resolve();
      };
    });
  }

  /** Gives written bytes to the reader. Returns false if there were none. */
  #give(controller: ReadableStreamDefaultController<Uint8Array>): boolean {
    if (this.#pieces.length > 0) controller.enqueue(this.bytes());
    else if (this.#end === undefined) return false;
    else if (this.#end === "broken-off") controller.error(new BodyBrokenOff());
    if (this.#end === "complete") controller.close();
    else if (this.#end === undefined) this.#owner.taken();
    return true;
  }

  #wakeReader(): void {
    if (this.#asked === undefined || this.#waking) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      this.#asked?.();
    });
  }
}
