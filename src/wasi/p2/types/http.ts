import { fieldsFunctions, httpTypes } from "../../types/http.ts";
import type { Interfaces } from "../../types/table.ts";

export const http: Interfaces = {
  "wasi:http/outgoing-handler": {
    handle: "(outgoing-request, option<request-options>) -> result<future-incoming-response, error-code>",
  },
  "wasi:http/types": {
    ...httpTypes,
    "http-error-code": "(error) -> option<error-code>",

    "header-error": "variant { invalid-syntax, forbidden, immutable }",
    ...fieldsFunctions,
    "[method]fields.entries": "() -> list<tuple<string, list<u8>>>",

    "incoming-request": "resource",
    "[method]incoming-request.method": "() -> method",
    "[method]incoming-request.path-with-query": "() -> option<string>",
    "[method]incoming-request.scheme": "() -> option<scheme>",
    "[method]incoming-request.authority": "() -> option<string>",
    "[method]incoming-request.headers": "() -> fields",
    "[method]incoming-request.consume": "() -> result<incoming-body>",

    "outgoing-request": "resource",
    "[constructor]outgoing-request": "(fields)",
    "[method]outgoing-request.body": "() -> result<outgoing-body>",
    "[method]outgoing-request.method": "() -> method",
    "[method]outgoing-request.set-method": "(method) -> result",
    "[method]outgoing-request.path-with-query": "() -> option<string>",
    "[method]outgoing-request.set-path-with-query": "(option<string>) -> result",
    "[method]outgoing-request.scheme": "() -> option<scheme>",
    "[method]outgoing-request.set-scheme": "(option<scheme>) -> result",
    "[method]outgoing-request.authority": "() -> option<string>",
    "[method]outgoing-request.set-authority": "(option<string>) -> result",
    "[method]outgoing-request.headers": "() -> fields",

    "request-options": "resource",
    "[constructor]request-options": "()",
    "[method]request-options.connect-timeout": "() -> option<u64>",
    "[method]request-options.set-connect-timeout": "(option<u64>) -> result",
    "[method]request-options.first-byte-timeout": "() -> option<u64>",
    "[method]request-options.set-first-byte-timeout": "(option<u64>) -> result",
    "[method]request-options.between-bytes-timeout": "() -> option<u64>",
    "[method]request-options.set-between-bytes-timeout": "(option<u64>) -> result",

    "response-outparam": "resource",
    "[method]response-outparam.send-informational": "(u16, fields) -> result<_, error-code>",
    "[static]response-outparam.set": "(response-outparam, result<outgoing-response, error-code>)",

    "incoming-response": "resource",
    "[method]incoming-response.status": "() -> u16",
    "[method]incoming-response.headers": "() -> fields",
    "[method]incoming-response.consume": "() -> result<incoming-body>",

    "incoming-body": "resource",
    "[method]incoming-body.stream": "() -> result<input-stream>",
    "[static]incoming-body.finish": "(incoming-body) -> future-trailers",

    "future-trailers": "resource",
    "[method]future-trailers.subscribe": "() -> pollable",
    "[method]future-trailers.get": "() -> option<result<result<option<fields>, error-code>>>",

    "outgoing-response": "resource",
    "[constructor]outgoing-response": "(fields)",
    "[method]outgoing-response.status-code": "() -> u16",
    "[method]outgoing-response.set-status-code": "(u16) -> result",
    "[method]outgoing-response.headers": "() -> fields",
    "[method]outgoing-response.body": "() -> result<outgoing-body>",

    "outgoing-body": "resource",
    "[method]outgoing-body.write": "() -> result<output-stream>",
    "[static]outgoing-body.finish": "(outgoing-body, option<fields>) -> result<_, error-code>",

    "future-incoming-response": "resource",
    "[method]future-incoming-response.subscribe": "() -> pollable",
    "[method]future-incoming-response.get": "() -> option<result<result<incoming-response, error-code>>>",
  },
};
