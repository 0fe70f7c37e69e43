import type { HostInstance } from "../../../component/host.ts";
import type { HostFuture, ReadableBytes, ReadableFuture } from "../../../component/streams.ts";
import type { FieldMap } from "../../../core/http/fields.ts";
import { type Body, type BodyContext, GuestBody } from "./body.ts";
import { Fields, type Trailers, type Transmission } from "./fields.ts";
import { throwUnlessValid } from "./request.ts";

/** `wasi:http/types.response` */
export class ResponseResource {
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
    response: ResponseResource,
    "[static]response.new": (
      headers: Fields,
      contents: ReadableBytes | undefined,
      trailers: ReadableFuture<Trailers>,
    ): readonly [ResponseResource, HostFuture<Transmission>] => {
      const body = new GuestBody(cx, contents, trailers);
      return [new ResponseResource(200, headers.map.view(), body), body.transmission];
    },
    "[method]response.get-status-code": (self: ResponseResource) => self.status,
    "[method]response.set-status-code": (self: ResponseResource, status: number) =>
      throwUnlessValid(self.setStatus(status)),
    "[method]response.get-headers": (self: ResponseResource) => new Fields(self.headers),
    "[static]response.consume-body": (self: ResponseResource, handled: ReadableFuture<Transmission>) =>
      self.body.consume(handled),
  };
}
