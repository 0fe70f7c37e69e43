import type { HttpHost } from "../../http/host.ts";
import { madeOf } from "../../interfaces.ts";
import { p2 } from "../../versions.ts";
import { outgoingHandler } from "./outgoing-handler.ts";
import { httpTypes } from "./types.ts";

/** Makes `wasi:http` 0.2. */
export const httpImports = madeOf<HttpHost>(p2, {
  "wasi:http/types": ({ poll, maxFieldsSize }) => httpTypes(poll, maxFieldsSize),
  "wasi:http/outgoing-handler": (http) => outgoingHandler(http, http.maxFieldsSize),
});
