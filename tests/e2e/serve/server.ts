/** A server command as a process: `wasmtime serve`, `pollux serve`. */
import { Guest, type Outcome } from "../host.ts";
import { type Answer, HttpConnection } from "./connection.ts";

/** Options of the command, before the guest; `--addr` is there. */
export type ServeCommand = (guest: string, options: readonly string[]) => readonly string[];

/** Ended with its scope: `await using server = await Server.start(...)`. */
export class Server implements AsyncDisposable {
  readonly process: Guest;
  readonly port: number;

  private constructor(process: Guest, port: number) {
    this.process = process;
    this.port = port;
  }

  /** Starts it on a port that the kernel picks, and waits until it says which. */
  static async start(
    command: ServeCommand,
    guest: string,
    options: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Server> {
    const process = new Guest(command(guest, ["--addr=127.0.0.1:0", ...options]), env);
    process.input("");
    try {
      const [, port] = await process.waitFor(/^Serving HTTP on http:\/\/127\.0\.0\.1:(\d+)\/$/m, "stderr");
      return new Server(process, Number(port));
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  dial(): Promise<HttpConnection> {
    return HttpConnection.dial(this.port);
  }

  /** A request's answer, on a connection of its own. */
  async get(path: string, headers = ""): Promise<Answer> {
    await using connection = await this.dial();
    return await connection.exchange(get(path, `Connection: close\r\n${headers}`));
  }

  /** Has it end by SIGINT. Returns what it has printed. */
  async stop(): Promise<Outcome> {
    this.process.kill("SIGINT");
    return await this.process.outcome();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

export function get(path: string, headers = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
}

export function post(path: string, body: string, headers = ""): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
}
