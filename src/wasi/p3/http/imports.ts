import type { HttpHost } from "../../http/host.ts";
import { madeOf } from "../../interfaces.ts";
import { p3 } from "../../versions.ts";
import type { BodyContext } from "./body.ts";
import { client } from "./client.ts";
import { types } from "./types.ts";

/** Makes `wasi:http` 0.3. */
export const httpImports = madeOf<HttpHost>(p3, {
  "wasi:http/types": (http) => types(bodyContext(http)),
  "wasi:http/client": (http) => client(http, bodyContext(http)),
});

function bodyContext({ poll, machine, maxFieldsSize }: HttpHost): BodyContext {
  return { poll, buffer: machine.buffer, maxFieldsSize };
}
