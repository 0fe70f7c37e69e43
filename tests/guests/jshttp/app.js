// What people write for componentize-js: a fetch handler, by Hono. /hello, /echo (streams), /headers, /stream, and 404.
import { Hono } from "hono";

const app = new Hono();
app.get("/hello", (c) => c.text("Hello, World!\n"));
app.post(
  "/echo",
  (c) => new Response(c.req.raw.body, { headers: { "content-type": c.req.header("content-type") ?? "text/plain" } }),
);
app.get("/headers", (c) => c.json({ method: c.req.method, url: c.req.url, ...c.req.header() }));
app.get("/stream", () => {
  let left = 3;
  const body = new ReadableStream({
    async pull(controller) {
      if (left-- === 0) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new TextEncoder().encode("piece\n"));
    },
  });
  return new Response(body);
});

addEventListener("fetch", (event) => event.respondWith(app.fetch(event.request)));
