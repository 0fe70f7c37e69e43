/** A client of V8's inspector (Chrome DevTools Protocol), as a debugger is one. */
import assert from "node:assert/strict";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly scriptLanguage?: string;
  readonly debugSymbols?: readonly { readonly type: string }[];
}

export interface Paused {
  readonly callFrames: readonly {
    readonly functionName: string;
    readonly location: { readonly scriptId: string; readonly columnNumber: number };
  }[];
}

export class Debugger {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #pauses: Paused[] = [];
  #paused: ((paused: Paused) => void) | undefined;
  readonly scripts: Script[] = [];
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(String(data))));
  }

  static async attach(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", () => reject(new Error(`cannot connect to ${url}`)), { once: true });
    });
    return new Debugger(socket);
  }

  async ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#id;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    assert.equal(error?.message, undefined, method);
    return result;
  }

  /** Waits until the program is paused. */
  async paused(): Promise<Paused> {
    return this.#pauses.shift() ?? (await new Promise((resolve) => (this.#paused = resolve)));
  }

  close(): void {
    this.#socket.close();
  }

  #receive(message: Message): void {
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    } else if (message.method === "Debugger.scriptParsed") {
      this.scripts.push(message.params as Script);
    } else if (message.method === "Debugger.paused") {
      const paused = message.params as Paused;
      if (this.#paused === undefined) this.#pauses.push(paused);
      else this.#paused(paused);
      this.#paused = undefined;
    }
  }
}
