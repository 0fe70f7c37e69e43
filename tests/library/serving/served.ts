/** A component that this program serves, somehow. */
import { type CompiledComponent, handler, type ServingOptions, serve } from "../../../src/index.ts";
import { HttpConnection } from "../../e2e/serve/connection.ts";
import { startRuntimeServer } from "./runtime-server.ts";

/** How: starts it, and answers its port and what ends it. */
export type Way = (
  source: URL | CompiledComponent,
  options: ServingOptions,
) => Promise<{ readonly port: number; close(): Promise<void>; stop(): Promise<void> }>;

/** Whose sockets. */
type NetFamily = "posix" | "evented";

export const guest = (name: string): URL => new URL(`../../guests/http/${name}.wasm`, import.meta.url);

/** `serve`, on those sockets. */
export function served(net: NetFamily): Way {
  return async (source, options) => {
    const server = await serve(source, { ...options, net, port: 0 });
    return { port: Number(server.url.port), close: () => server.close(), stop: async () => {} };
  };
}

/** `handler`, on those sockets, behind the runtime's own server. */
export function handled(net: NetFamily | "none"): Way {
  return async (source, options) => {
    const answer = await handler(source, { ...options, net });
    const server = await startRuntimeServer(answer);
    return { port: server.port, close: () => answer.close(), stop: () => server.close() };
  };
}

/** Ends with its scope. What its guests print, and what was told of them, is kept. */
export class Served implements AsyncDisposable {
  readonly errors: unknown[] = [];
  stderr = "";
  readonly #close: () => Promise<void>;
  readonly #stop: () => Promise<void>;
  #told: () => void = () => {};
  readonly port: number;

  private constructor(port: number, close: () => Promise<void>, stop: () => Promise<void>) {
    this.port = port;
    this.#close = close;
    this.#stop = stop;
  }

  static async start(way: Way, source: URL | CompiledComponent, options: ServingOptions = {}): Promise<Served> {
    let made: Served | undefined;
    const decoder = new TextDecoder();
    const { port, close, stop } = await way(source, {
      gracePeriod: 5000,
      ...options,
      stderr(bytes) {
        if (made === undefined) return;
        made.stderr += decoder.decode(bytes, { stream: true });
        made.#told();
      },
      onError(error) {
        if (made === undefined) return;
        made.errors.push(error);
        made.#told();
      },
    });
    made = new Served(port, close, stop);
    return made;
  }

  dial(): Promise<HttpConnection> {
    return HttpConnection.dial(this.port);
  }

  async get(path: string) {
    await using connection = await this.dial();
    return await connection.exchange(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  }

  /** The body of the answer to a client of the runtime's. */
  async post(path: string, body: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}${path}`, { method: "POST", body })).text();
  }

  /** Waits until it holds, which it may when a guest prints or fails. */
  async until(holds: (served: Served) => boolean): Promise<void> {
    while (!holds(this)) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }

  close(): Promise<void> {
    return this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#stop();
  }
}
