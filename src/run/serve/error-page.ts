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

const nobody = { sent() {}, stop() {} };

/** The response of a guest that gave none, as wasmtime's; one that has begun ends before its end. */
export function respondWithError(request: ServedRequest): void {
  if (request.responded) {
    request.abort();
    return;
  }
  // A guest that had begun to read its body does not go on: the connection waited for that, and for its next request with it.
  request.cancel();
  request.respond(500, headers, nobody);
  request.write(body, 0, body.length);
  request.finish([]);
}
