/**
 * The servers that a program of wasi-testsuite asks for in its NAME.json, as its own runner has them
 * (test-runner/wasi_test_runner/test_suite_runner.py there): each route answers what it is told to, or what it was sent.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { freePort } from "../e2e/client.ts";

interface Endpoint {
  readonly method?: string;
  /** As it stands in the request line. */
  readonly path?: string;
  /** `echo-headers`: the request line, its headers and trailers come back as headers. */
  readonly mode?: "static" | "echo-body" | "echo-headers";
  readonly response?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly chunks?: readonly string[];
    readonly trailers?: Readonly<Record<string, string>>;
  };
}

export interface ServerConfig {
  readonly name: string;
  /** `closed`: nobody listens at its address. */
  readonly kind?: "listening" | "closed";
  readonly endpoints?: readonly Endpoint[];
}

export class TestsuiteServers implements AsyncDisposable {
  readonly #servers: readonly Server[];
  /** What tells a guest where they are. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(servers: readonly Server[], env: Readonly<Record<string, string>>) {
    this.#servers = servers;
    this.env = env;
  }

  static async start(configs: readonly ServerConfig[]): Promise<TestsuiteServers> {
    const servers: Server[] = [];
    const env: Record<string, string> = {};
    for (const { name, kind = "listening", endpoints = [] } of configs) {
      let port: number;
      if (kind === "closed") port = await freePort();
      else {
        const server = createServer((request, response) => receive(endpoints, request, response));
        servers.push(server);
        port = await listen(server);
      }
      env[`HTTP_SERVER_${name.toUpperCase()}`] = `127.0.0.1:${port}`;
    }
    return new TestsuiteServers(servers, env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    await Promise.all(this.#servers.map((server) => once(server, "close")));
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function receive(endpoints: readonly Endpoint[], request: IncomingMessage, response: ServerResponse): void {
  const pieces: Buffer[] = [];
  // A request that a guest breaks off has no answer.
  request.on("error", () => {});
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => answer(endpoints, request, Buffer.concat(pieces), response));
}

function answer(
  endpoints: readonly Endpoint[],
  request: IncomingMessage,
  sent: Buffer,
  response: ServerResponse,
): void {
  // One connection a request, as in the suite's own runner.
  response.shouldKeepAlive = false;
  const found = endpoints.find(({ method = "GET", path = "/" }) => method === request.method && path === request.url);
  if (found === undefined) response.writeHead(404).end();
  else if (found.mode === "echo-body") response.end(sent);
  else if (found.mode === "echo-headers") response.writeHead(200, echoOf(request)).end();
  else {
    const { status = 200, headers = {}, body = "", chunks = [], trailers = {} } = found.response ?? {};
    const announced = Object.keys(trailers).length === 0 ? {} : { trailer: Object.keys(trailers).join(", ") };
    response.writeHead(status, { ...headers, ...announced });
    for (const chunk of chunks) response.write(chunk);
    response.addTrailers({ ...trailers });
    response.end(body);
  }
}

function echoOf(request: IncomingMessage): Record<string, string | string[]> {
  const echo: Record<string, string | string[]> = {
    "x-request-method": request.method ?? "",
    "x-request-path": request.url ?? "",
  };
  for (const [prefix, fields] of [
    ["x-echo-", request.headersDistinct],
    ["x-trailer-", request.trailersDistinct],
  ] as const) {
    for (const [name, values = []] of Object.entries(fields)) echo[prefix + name] = values;
  }
  return echo;
}
