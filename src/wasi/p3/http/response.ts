import type { HostInstance } from "../../../component/host.ts";
import type { HostFuture, ReadableBytes, ReadableFuture } from "../../../component/streams.ts";
import type { FieldMap } from "../../../core/http/fields.ts";
import { type Body, type BodyContext, GuestBody } from "./body.ts";
import { Fields, type Trailers, type Transmission } from "./fields.ts";
import { valid } from "./request.ts";

/** `wasi:http/types.response` */
export class Response {
  readonly headers: FieldMap;
  readonly body: Body;
  #status: number;

  constructor(status: number, headers: FieldMap, body: Body) {
    this.#status = status;
    this.headers = headers;
    this.body = body;
  }

  get status(): number {
    return this.#status;
  }

  /** Returns whether the value is valid. */
  setStatus(status: number): boolean {
    if (status < 100 || status > 599) return false;
    this.#status = status;
    return true;
  }

  [Symbol.dispose](): void {
    this.body.drop();
  }
}

/** Makes the functions of `wasi:http/types.response`. The setter throws undefined unless the status is 100 to 599. */
export function responseFunctions(cx: BodyContext): HostInstance {
  return {
    response: Response,
    "[static]response.new": (
      headers: Fields,
      contents: ReadableBytes | undefined,
      trailers: ReadableFuture<Trailers>,
    ): readonly [Response, HostFuture<Transmission>] => {
      const body = new GuestBody(cx, contents, trailers);
      return [new Response(200, headers.map.view(), body), body.transmission];
    },
    "[method]response.get-status-code": (self: Response) => self.status,
    "[method]response.set-status-code": (self: Response, status: number) => valid(self.setStatus(status)),
    "[method]response.get-headers": (self: Response) => new Fields(self.headers),
    "[static]response.consume-body": (self: Response, handled: ReadableFuture<Transmission>) =>
      self.body.consume(handled),
  };
}
