/** A server of releases on loopback, with the addresses that GitHub's has. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { version } from "../../src/cli/version.ts";

export class ReleaseServer implements AsyncDisposable {
  /** The paths that were asked for. */
  readonly requests: string[] = [];
  readonly #folder: string;
  readonly #server: Server;
  /** Answers in the server's place, and says whether it did. */
  readonly #instead: (path: string, response: ServerResponse) => boolean;

  private constructor(folder: string, instead: (path: string, response: ServerResponse) => boolean) {
    this.#folder = folder;
    this.#instead = instead;
    this.#server = createServer(({ url = "/" }, response) => this.#answer(url, response));
  }

  /** Serves the folder's files as the latest release, which is the version of this Pollux. */
  static async start(
    folder: string,
    instead: (path: string, response: ServerResponse) => boolean = () => false,
  ): Promise<ReleaseServer> {
    const server = new ReleaseServer(folder, instead);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}/releases`;
  }

  #answer(path: string, response: ServerResponse): void {
    this.requests.push(path);
    if (this.#instead(path, response)) return;
    const [, latest] = /^\/releases\/latest\/download\/([^/]+)$/.exec(path) ?? [];
    const [, name = ""] = new RegExp(`^/releases/download/v${RegExp.escape(version)}/([^/]+)$`).exec(path) ?? [];
    if (path === "/releases/latest") redirect(response, `/releases/tag/v${version}`);
    else if (path === `/releases/tag/v${version}`) response.end("<h1>A release</h1>\n");
    else if (latest !== undefined) redirect(response, `/releases/download/v${version}/${latest}`);
    else if (name !== "" && existsSync(join(this.#folder, name))) response.end(readFileSync(join(this.#folder, name)));
    else response.writeHead(404).end("Not Found\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}
