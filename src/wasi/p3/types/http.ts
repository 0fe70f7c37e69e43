import { fieldsFunctions, httpTypes } from "../../types/http.ts";
import type { Interfaces } from "../../types/table.ts";

/** The rest of `consume-body`'s type, after its first parameter. */
const consumeBody = "future<result<_, error-code>>) -> tuple<stream<u8>, future<result<option<fields>, error-code>>>";

export const http: Interfaces = {
  "wasi:http/client": { send: "async (request) -> result<response, error-code>" },
  "wasi:http/types": {
    ...httpTypes,
    "header-error": "variant { invalid-syntax, forbidden, immutable, size-exceeded, other(option<string>) }",
    "request-options-error": "variant { not-supported, immutable, other(option<string>) }",

    ...fieldsFunctions,
    "[method]fields.get-and-delete": "(string) -> result<list<list<u8>>, header-error>",
    "[method]fields.copy-all": "() -> list<tuple<string, list<u8>>>",

    request: "resource",
    "[static]request.new":
      "(fields, option<stream<u8>>, future<result<option<fields>, error-code>>, option<request-options>) -> " +
      "tuple<request, future<result<_, error-code>>>",
    "[method]request.get-method": "() -> method",
    "[method]request.set-method": "(method) -> result",
    "[method]request.get-path-with-query": "() -> option<string>",
    "[method]request.set-path-with-query": "(option<string>) -> result",
    "[method]request.get-scheme": "() -> option<scheme>",
    "[method]request.set-scheme": "(option<scheme>) -> result",
    "[method]request.get-authority": "() -> option<string>",
    "[method]request.set-authority": "(option<string>) -> result",
    "[method]request.get-options": "() -> option<request-options>",
    "[method]request.get-headers": "() -> fields",
    "[static]request.consume-body": `(request, ${consumeBody}`,

    "request-options": "resource",
    "[constructor]request-options": "()",
    "[method]request-options.get-connect-timeout": "() -> option<u64>",
    "[method]request-options.set-connect-timeout": "(option<u64>) -> result<_, request-options-error>",
    "[method]request-options.get-first-byte-timeout": "() -> option<u64>",
    "[method]request-options.set-first-byte-timeout": "(option<u64>) -> result<_, request-options-error>",
    "[method]request-options.get-between-bytes-timeout": "() -> option<u64>",
    "[method]request-options.set-between-bytes-timeout": "(option<u64>) -> result<_, request-options-error>",
    "[method]request-options.clone": "() -> request-options",

    response: "resource",
    "[static]response.new":
      "(fields, option<stream<u8>>, future<result<option<fields>, error-code>>) -> " +
      "tuple<response, future<result<_, error-code>>>",
    "[method]response.get-status-code": "() -> u16",
    "[method]response.set-status-code": "(u16) -> result",
    "[method]response.get-headers": "() -> fields",
    "[static]response.consume-body": `(response, ${consumeBody}`,
  },
};
