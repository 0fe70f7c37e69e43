/**
 * What tests/guests/rust/serve3 answers, as a plain program: on the runtime's own server, or with `--node` on node:http.
 * `/hello-length`, `/echo`, `/stream/N/SIZE`, which is 1 MiB here, and `/upload`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const hostname = "127.0.0.1";
/** How long a connection may be idle, s. */
const patience = 120;
const hello = "Hello, World!\n";
const helloHeaders = { "content-type": "text/plain", "content-length": "14" };
const large = Uint8Array.from({ length: 1 << 20 }, (_, i) => i & 255);
const announce = (port: number): void => console.log(`listening on ${hostname}:${port}`);

if (process.argv.includes("--node")) serveByNode();
else if ("Bun" in globalThis) announce(Bun.serve({ hostname, port: 0, idleTimeout: patience, fetch: answer }).port!);
else if ("Deno" in globalThis) Deno.serve({ hostname, port: 0, onListen: ({ port }) => announce(port) }, answer);
else serveByNode();

function nameIn(path: string): string {
  return path.slice(1).split("/")[0]!;
}

function answer(request: Request): Response | Promise<Response> {
  switch (nameIn(new URL(request.url).pathname)) {
    case "hello-length":
      return new Response(hello, { headers: helloHeaders });
    case "echo":
      return new Response(request.body);
    case "stream":
      return new Response(large);
    case "upload":
      return lengthOf(request.body ?? []).then((length) => new Response(`${length} bytes\n`));
    default:
      return new Response("no such path\n", { status: 404 });
  }
}

async function lengthOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of body) length += piece.length;
  return length;
}

function serveByNode(): void {
  const server = createServer((request, response) => {
    switch (nameIn(request.url!)) {
      case "hello-length":
        return void response.writeHead(200, helloHeaders).end(hello);
      case "echo":
        return void request.pipe(response);
      case "stream":
        return void response.end(large);
      case "upload":
        return void answerLength(request, response);
      default:
        return void response.writeHead(404).end("no such path\n");
    }
  });
  server.keepAliveTimeout = patience * 1000;
  server.listen(0, hostname, () => announce((server.address() as { port: number }).port));
}

/** A client that goes away in between is none of this program's business. */
async function answerLength(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    response.end(`${await lengthOf(request)} bytes\n`);
  } catch {
    response.destroy();
  }
}
