/** The other side of the guests in tests/guests/http: a server, and a TCP line by which a guest tells it to go on. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";

/** As many bytes as the guests count on, in the pattern that they do. */
const LARGE = 16 * 1024 * 1024;

/** A request as the server saw it. */
interface Seen {
  readonly line: string;
  readonly rawHeaders: readonly string[];
  body: string;
}

export class HttpServer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #servers: Server[] = [];
  readonly #open = new Set<Socket>();
  /** What is done for each byte that comes over the line; those that came before there was anything to do. */
  #step: (() => void) | undefined;
  #tells = 0;
  #early = Promise.withResolvers<number>();
  #silentAsked = Promise.withResolvers<void>();
  #silentClosed = Promise.withResolvers<void>();

  static async start(): Promise<{ server: HttpServer; authority: string; line: number }> {
    const server = new HttpServer();
    const http = createServer((request, response) => server.#answer(request, response));
    const line = createTcpServer((socket) => {
      socket.on("data", (bytes) => {
        server.#tells += bytes.length;
        server.#goOn();
        socket.write(bytes);
      });
      socket.on("error", () => {});
    });
    const authority = `127.0.0.1:${await server.#listen(http)}`;
    return { server, authority, line: await server.#listen(line) };
  }

  /** A server that greets by TLS with that key and certificate. Answers its port. */
  async startTls(key: string, cert: string): Promise<number> {
    return await this.#listen(createTlsServer({ key, cert }, (request, response) => this.#answer(request, response)));
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    for (const server of this.#servers) {
      server.close();
      await once(server, "close");
    }
  }

  #goOn(step = this.#step): void {
    this.#step = step;
    for (; step !== undefined && this.#tells > 0; this.#tells--) step();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? "", "http://server").pathname;
    const seen: Seen = { line: `${request.method} ${request.url}`, rawHeaders: request.rawHeaders, body: "" };
    this.seen.push(seen);
    // A guest may be gone.
    request.on("error", () => {});
    response.on("error", () => {});
    const route = this.#routes[path];
    if (route === undefined) throw new Error(`no route for ${path}`);
    if (path !== "/stalled") {
      request.setEncoding("latin1").on("data", (text: string) => {
        seen.body += text;
      });
    }
    route(request, response);
  }

  readonly #routes: Readonly<Record<string, RequestListener>> = {
    "/hello": (_, response) => {
      response.writeHead(203, [
        ...["X-Answer", "yes", "Set-Cookie", "a=1", "Set-Cookie", "b=2"],
        ...["x-bytes", "caf\xe9", "Content-Length", "5"],
      ]);
      // As bytes: a text would take the head with it into its own encoding.
      response.end(Buffer.from("hello"));
    },
    "/status/204": (_, response) => void response.writeHead(204).end(),
    "/status/302": (_, response) => void response.writeHead(302, { location: "/hello", "content-length": 0 }).end(),
    "/early": (_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("late");
    },
    "/zipped": (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("not really"),
    "/method": (request, response) => void response.end(request.method),
    "/echo": (request, response) => {
      response.flushHeaders();
      request.on("data", (text: string) => response.write(text, "latin1"));
      request.on("end", () => response.end());
    },
    "/": (_, response) => void response.end("root"),
    "/count": (request, response) => {
      let length = 0;
      request.on("data", (text: string) => {
        length += text.length;
      });
      request.on("end", () => response.end(String(length)));
    },
    "/swallow": (request, response) => {
      request.on("end", () => response.end());
    },
    "/early-answer": (request, response) => {
      this.#early = Promise.withResolvers();
      response.writeHead(202, { "content-length": 2 }).end("ok");
      let length = 0;
      request.on("data", (text: string) => {
        length += text.length;
      });
      request.on("end", () => this.#early.resolve(length));
    },
    "/when-early-is-over": async (_, response) => void response.end(String(await this.#early.promise)),
    "/told": (_, response) => {
      let step = -1;
      this.#goOn(() => {
        if (step < 0) response.flushHeaders();
        else if (step < 5) response.write(`piece${step}`);
        else response.end();
        step++;
      });
    },
    "/large": (_, response) => {
      const piece = Buffer.from(Uint8Array.from({ length: 65536 }, (_, i) => i));
      let sent = 0;
      const write = () => {
        while (sent < LARGE) {
          sent += piece.length;
          if (!response.write(piece)) return void response.once("drain", write);
        }
        response.end();
      };
      write();
    },
    "/stalled": (request, response) => {
      request.pause();
      this.#goOn(() => {
        let [length, sum] = [0, 0];
        request.on("data", (bytes: Buffer) => {
          length += bytes.length;
          for (const byte of bytes) sum += byte;
        });
        request.on("end", () => response.end(`${length} bytes, sum ${sum}`));
        request.resume();
      });
    },
    "/trailers": (request, response) => {
      request.on("end", () => {
        response.writeHead(200, { trailer: "x-end", "x-seen": String(request.trailers["x-sum"]) });
        response.write("passed over");
        response.addTrailers({ "x-end": "here" });
        response.end();
      });
    },
    "/with-trailers": (_, response) => {
      response.writeHead(200, { trailer: "x-sum" }).write("followed");
      response.addTrailers({ "x-sum": "passed on" });
      response.end();
    },
    "/silent": (request) => {
      this.#silentAsked.resolve();
      request.socket.on("close", () => this.#silentClosed.resolve());
    },
    "/when-silent-is-asked": async (_, response) => {
      await this.#silentAsked.promise;
      response.end("asked");
    },
    "/when-silent-is-closed": async (_, response) => {
      await this.#silentClosed.promise;
      response.end("closed");
    },
    "/dribble": async ({ socket }) => {
      const chunks = "5;name=value\r\nhello\r\n00005 \r\nworld\r\n0;last\r\nx-end: here\r\n\r\n";
      socket.setNoDelay(true);
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      for (const byte of chunks) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        socket.write(byte);
      }
    },
    "/half": (_, response) => void response.write("half"),
    "/garbage": ({ socket }) => void socket.end("this is no HTTP\r\n\r\n"),
    "/hang-up": ({ socket }) => void socket.end(),
    "/short": ({ socket }) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
  };
}
