/** What stands between node:http and a function from a `Request` to its `Response`. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

export function listenerOf(answer: (request: Request) => Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    // A client that goes, or a body that fails, is the end of the connection.
    respond(answer, incoming, outgoing).catch(() => outgoing.destroy());
  };
}

async function respond(
  answer: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = requestOf(incoming, outgoing);
  const { status, headers, body } = request === undefined ? new Response(null, { status: 400 }) : await answer(request);
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  if (body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await pipeline(body, outgoing);
}

/** Undefined: no `Request` can be made of it. */
function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request | undefined {
  const { method = "GET", url: target = "/", rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  const url = target.startsWith("/") ? `http://${incoming.headers.host ?? "localhost"}${target}` : target;
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const body = method === "GET" || method === "HEAD" ? undefined : bodyOf(incoming, outgoing);
  try {
    return new Request(url, { method, headers, signal: gone.signal, ...(body && { body, duplex: "half" }) });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Read as it is asked for. What nobody has read when the response is over is passed over, for the sake of the next request. */
function bodyOf(incoming: IncomingMessage, outgoing: ServerResponse): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
  outgoing.once("finish", async () => {
    await pieces.return?.();
    incoming.resume();
  });
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
    },
    { highWaterMark: 0 },
  );
}
