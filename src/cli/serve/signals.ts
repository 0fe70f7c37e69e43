/**
 * The signals that end a server. The first lets what is under way finish, a second ends it at once. wasmtime exits with 0 after
 * SIGINT, and is killed by SIGTERM, which a shell shows as 143.
 */
import process from "node:process";

const statuses = { SIGINT: 0, SIGTERM: 143 } as const;
type EndSignal = keyof typeof statuses;

export class ServerSignals implements Disposable {
  readonly #shutdown = new AbortController();
  readonly #abort = new AbortController();
  #first: EndSignal | undefined;

  constructor() {
    for (const signal of signals) process.on(signal, this.#on);
  }

  /** Aborted by the first signal. */
  get shutdown(): AbortSignal {
    return this.#shutdown.signal;
  }

  /** Aborted by the second. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status of a server that has ended, by a signal or without one. */
  get status(): number {
    return this.#first === undefined ? 0 : statuses[this.#first];
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#on);
  }

  readonly #on = (signal: NodeJS.Signals): void => {
    if (this.#first !== undefined) this.#abort.abort();
    this.#first ??= signals.find((each) => each === signal);
    this.#shutdown.abort();
  };
}

const signals = Object.keys(statuses) as EndSignal[];
