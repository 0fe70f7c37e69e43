import type { HttpContext } from "../../core/http/client/dial.ts";

/** What a guest's `wasi:http` is made from. */
export interface HttpHost extends HttpContext {
  /** The limit of one `fields`, bytes. */
  readonly maxFieldsSize: number;
}
