/**
 * The signals that end a server. The first lets what is under way finish, a second ends it at once. wasmtime exits with 0 after
 * SIGINT, and is killed by SIGTERM, which a shell shows as 143.
 */
import { constants } from "node:os";
import process from "node:process";
import type { Machine } from "../../machine/machine.ts";

export const statuses = { SIGINT: 0, SIGTERM: 143 } as const;
type EndSignal = keyof typeof statuses;
const endSignals = ["SIGINT", "SIGTERM"] as const;

/** What tells a server of `--watch` that another has its sockets. */
export const HAND_OVER = "SIGUSR2";

export class ServerSignals implements Disposable {
  readonly #shutdown = new AbortController();
  readonly #abort = new AbortController();
  readonly #handOver = new AbortController();
  readonly #handlers: ReadonlyMap<NodeJS.Signals, () => void>;
  readonly #handleOnce: Machine["handleOnce"];
  #first: EndSignal | undefined;

  /**
   * @param supervised By a process of `--watch`, which ends it by SIGTERM: what a terminal sends to both is that one's alone
   * @param machine Where it can, a second signal ends a process whose guest keeps the first from being heard of
   */
  constructor(supervised = false, { handleOnce }: Pick<Machine, "handleOnce"> = {}) {
    this.#handleOnce = supervised ? undefined : handleOnce;
    const end = (signal: EndSignal) => [signal, () => this.#end(signal)] as const;
    this.#handlers = new Map<NodeJS.Signals, () => void>(
      supervised
        ? [["SIGINT", ignored], ["SIGHUP", ignored], end("SIGTERM"), [HAND_OVER, () => this.#handOver.abort()]]
        : [end("SIGINT"), end("SIGTERM")],
    );
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
    for (const signal of endSignals) this.#handleOnce?.(constants.signals[signal]);
  }

  /** Aborted by the first signal. */
  get shutdown(): AbortSignal {
    return this.#shutdown.signal;
  }

  /** Aborted by the second. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborted when another process has its sockets. */
  get handOver(): AbortSignal {
    return this.#handOver.signal;
  }

  /** The exit status of a server that has ended, by a signal or without one. */
  get status(): number {
    return this.#first === undefined ? 0 : statuses[this.#first];
  }

  [Symbol.dispose](): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  #end(signal: EndSignal): void {
    this.#handleOnce?.(constants.signals[signal]);
    if (this.#first !== undefined) this.#abort.abort();
    this.#first ??= signal;
    this.#shutdown.abort();
  }
}

function ignored(): void {}
