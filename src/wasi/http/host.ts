import type { HttpContext } from "../../core/http/client/dial.ts";

/** The parts of the host that a guest's `wasi:http` uses. */
export interface HttpHost extends HttpContext {
  /** The most that one `fields` may hold, bytes. */
  readonly maxFieldsSize: number;
}
