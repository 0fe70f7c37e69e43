import type { HostInstance } from "../../../component/host.ts";
import type { BodyContext } from "./body.ts";
import { fieldsFunctions } from "./fields.ts";
import { requestFunctions } from "./request.ts";
import { requestOptionsFunctions } from "./request-options.ts";
import { responseFunctions } from "./response.ts";

/** Makes `wasi:http/types`. Timeouts are ns, sizes bytes. */
export function types(cx: BodyContext): HostInstance {
  return {
    ...fieldsFunctions(cx.maxFieldsSize),
    ...requestFunctions(cx),
    ...requestOptionsFunctions(),
    ...responseFunctions(cx),
  };
}
