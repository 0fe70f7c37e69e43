import type { HostInstance } from "../../../component/host.ts";
import type { HttpField } from "../../../core/http/error-code.ts";
import { FieldMap, type HeaderError } from "../../../core/http/fields.ts";
import type { OperationError } from "../../../core/streams/stream-error.ts";
import { Trap } from "../../../core/wait/errors.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import type { Method, Scheme } from "../../http/request-target.ts";
import { type Polled, polling } from "../../waits.ts";
import { HttpFailure } from "./failure.ts";
import { Fields } from "./fields.ts";
import { FutureTrailers, IncomingBody } from "./incoming-body.ts";
import { IncomingRequest } from "./incoming-request.ts";
import { FutureIncomingResponse, IncomingResponse } from "./incoming-response.ts";
import { OutgoingBody } from "./outgoing-body.ts";
import { OutgoingRequest, RequestOptions } from "./outgoing-request.ts";
import { OutgoingResponse } from "./outgoing-response.ts";
import { type Response, ResponseOutparam } from "./response-outparam.ts";

const absent: Polled = { isNothing: (result) => result === undefined, again: true };

/** Returns the value of a `result` without an error payload, or throws undefined, which is that payload. */
function orFail<T>(value: T | undefined): T {
  if (value === undefined) throw undefined;
  return value;
}

/** Throws the error of a setter's `result` if the value was not accepted. */
function throwUnlessValid(accepted: boolean): void {
  if (!accepted) throw undefined;
}

/** Throws the `header-error`, if there is one. @throws Trap for fields beyond their limit */
function throwIfError(error: HeaderError | undefined): void {
  if (error === "size-exceeded") throw new Trap("total size of fields exceeds limit");
  if (error !== undefined) throw { tag: error };
}

type Timeout = "connectTimeout" | "firstByteTimeout" | "betweenBytesTimeout";

function getTimeout(name: Timeout) {
  return (self: RequestOptions) => self[name];
}

function setTimeoutOf(name: Timeout) {
  return (self: RequestOptions, duration: bigint | undefined) => {
    self[name] = duration;
  };
}

/**
 * Makes `wasi:http/types`. Timeouts are ns, sizes bytes. A `result` without an error payload throws undefined.
 *
 * @param maxFieldsSize the most that one `fields` may hold, bytes
 */
export function httpTypes(poll: Poll, maxFieldsSize: number): HostInstance {
  return {
    "http-error-code": (error: OperationError) => (error instanceof HttpFailure ? error.http : undefined),

    fields: Fields,
    "[constructor]fields": () => new Fields(new FieldMap(maxFieldsSize)),
    "[static]fields.from-list": (entries: readonly HttpField[]) => {
      const fields = FieldMap.fromList(maxFieldsSize, entries);
      if (typeof fields !== "string") return new Fields(fields);
      return throwIfError(fields);
    },
    "[method]fields.get": (self: Fields, name: string) => self.map.get(name),
    "[method]fields.has": (self: Fields, name: string) => self.map.has(name),
    "[method]fields.set": (self: Fields, name: string, values: readonly Uint8Array[]) =>
      throwIfError(self.map.set(name, values)),
    "[method]fields.delete": (self: Fields, name: string) => throwIfError(self.map.delete(name)),
    "[method]fields.append": (self: Fields, name: string, value: Uint8Array) =>
      throwIfError(self.map.append(name, value)),
    "[method]fields.entries": (self: Fields) => self.map.entries(),
    "[method]fields.clone": (self: Fields) => new Fields(self.map.clone()),

    "outgoing-request": OutgoingRequest,
    "[constructor]outgoing-request": (headers: Fields) => new OutgoingRequest(poll, headers),
    "[method]outgoing-request.body": (self: OutgoingRequest) => orFail(self.body()),
    "[method]outgoing-request.method": (self: OutgoingRequest) => self.method,
    "[method]outgoing-request.set-method": (self: OutgoingRequest, method: Method) =>
      throwUnlessValid(self.setMethod(method)),
    "[method]outgoing-request.path-with-query": (self: OutgoingRequest) => self.path,
    "[method]outgoing-request.set-path-with-query": (self: OutgoingRequest, path: string | undefined) =>
      throwUnlessValid(self.setPath(path)),
    "[method]outgoing-request.scheme": (self: OutgoingRequest) => self.scheme,
    "[method]outgoing-request.set-scheme": (self: OutgoingRequest, scheme: Scheme | undefined) =>
      throwUnlessValid(self.setScheme(scheme)),
    "[method]outgoing-request.authority": (self: OutgoingRequest) => self.authority,
    "[method]outgoing-request.set-authority": (self: OutgoingRequest, authority: string | undefined) =>
      throwUnlessValid(self.setAuthority(authority)),
    "[method]outgoing-request.headers": (self: OutgoingRequest) => self.headers(),

    "request-options": RequestOptions,
    "[constructor]request-options": () => new RequestOptions(),
    "[method]request-options.connect-timeout": getTimeout("connectTimeout"),
    "[method]request-options.set-connect-timeout": setTimeoutOf("connectTimeout"),
    "[method]request-options.first-byte-timeout": getTimeout("firstByteTimeout"),
    "[method]request-options.set-first-byte-timeout": setTimeoutOf("firstByteTimeout"),
    "[method]request-options.between-bytes-timeout": getTimeout("betweenBytesTimeout"),
    "[method]request-options.set-between-bytes-timeout": setTimeoutOf("betweenBytesTimeout"),

    "outgoing-body": OutgoingBody,
    "[method]outgoing-body.write": (self: OutgoingBody) => orFail(self.write()),
    "[static]outgoing-body.finish": (self: OutgoingBody, trailers: Fields | undefined) => {
      const error = self.finish(trailers);
      if (error !== undefined) throw error;
    },

    "future-incoming-response": FutureIncomingResponse,
    "[method]future-incoming-response.subscribe": (self: FutureIncomingResponse) => self.subscribe(),
    "[method]future-incoming-response.get": polling((self: FutureIncomingResponse) => self.get(), absent),

    "incoming-response": IncomingResponse,
    "[method]incoming-response.status": (self: IncomingResponse) => self.status,
    "[method]incoming-response.headers": (self: IncomingResponse) => self.headers(),
    "[method]incoming-response.consume": (self: IncomingResponse) => orFail(self.consume()),

    "incoming-body": IncomingBody,
    "[method]incoming-body.stream": (self: IncomingBody) => orFail(self.stream()),
    "[static]incoming-body.finish": (self: IncomingBody) => self.finish(),

    "future-trailers": FutureTrailers,
    "[method]future-trailers.subscribe": (self: FutureTrailers) => self.subscribe(),
    "[method]future-trailers.get": polling((self: FutureTrailers) => self.get(), absent),

    "outgoing-response": OutgoingResponse,
    "[constructor]outgoing-response": (headers: Fields) => new OutgoingResponse(poll, headers),
    "[method]outgoing-response.status-code": (self: OutgoingResponse) => self.status,
    "[method]outgoing-response.set-status-code": (self: OutgoingResponse, status: number) =>
      throwUnlessValid(self.setStatus(status)),
    "[method]outgoing-response.headers": (self: OutgoingResponse) => self.headers(),
    "[method]outgoing-response.body": (self: OutgoingResponse) => orFail(self.body()),

    "incoming-request": IncomingRequest,
    "[method]incoming-request.method": (self: IncomingRequest) => self.method,
    "[method]incoming-request.path-with-query": (self: IncomingRequest) => self.path,
    "[method]incoming-request.scheme": (self: IncomingRequest) => self.scheme,
    "[method]incoming-request.authority": (self: IncomingRequest) => self.authority,
    "[method]incoming-request.headers": (self: IncomingRequest) => self.headers(),
    "[method]incoming-request.consume": (self: IncomingRequest) => orFail(self.consume()),
    "response-outparam": ResponseOutparam,
    "[method]response-outparam.send-informational": (self: ResponseOutparam, status: number, headers: Fields) =>
      self.inform(status, headers),
    "[static]response-outparam.set": (self: ResponseOutparam, response: Response) => self.set(response),
  };
}
