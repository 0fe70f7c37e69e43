import type { HttpField } from "../../core/http/error-code.ts";
import { byteString } from "../../core/http/fields.ts";
import type { ServedRequest } from "../../core/http/message.ts";

const body = byteString(`<!doctype html>
<html>
<head>
    <title>500 Internal Server Error</title>
</head>
<body>
    <center>
        <h1>500 Internal Server Error</h1>
        <hr>
        pollux
    </center>
</body>
</html>`);

const headers: readonly HttpField[] = [
  ["content-type", byteString("text/html; charset=UTF-8")],
  ["content-length", byteString(`${body.length}`)],
];

const noBody = { sent() {}, stop() {} };

/** Responds for a guest that gave no response, as wasmtime does; aborts a response that has begun. */
export function respondWithError(request: ServedRequest): void {
  if (request.responded) {
    request.abort();
    return;
  }
  // The guest may have begun to read the body and does not continue; the connection, and its next request, would wait
  // for it.
  request.cancel();
  request.respond(500, headers, noBody);
  request.write(body, 0, body.length);
  request.finish([]);
}
