/** What the tests of wasi:http 0.3 share: calls of a guest's, and what it makes. */
import assert from "node:assert/strict";
import { type ByteProducer, HostFuture, type ReadableBytes } from "../../../../src/component/streams.ts";
import { byteString, latin1 } from "../../../../src/core/http/fields.ts";
import type { Blocking } from "../../../../src/core/wait/poll.ts";
import type { WasiHost } from "../../../../src/wasi/host.ts";
import type { Fields, Trailers, Transmission } from "../../../../src/wasi/p3/http/fields.ts";
import { httpImports } from "../../../../src/wasi/p3/http/imports.ts";
import type { RequestResource } from "../../../../src/wasi/p3/http/request.ts";
import type { ResponseResource } from "../../../../src/wasi/p3/http/response.ts";
import { callOf, hostOf, type Setting, settled } from "../host.ts";

/** What one `fields` may hold in these tests, bytes. */
export const MAX_SIZE = 1000;

export type Received = readonly [ByteProducer, HostFuture<Trailers>];

/** Calls of a guest's on `wasi:http`. */
export interface Http {
  readonly host: WasiHost;
  /** A function of `types`, by its whole name. */
  types<T = unknown>(item: string, ...args: readonly unknown[]): T;
  send(request: RequestResource): Promise<ResponseResource>;
  /** The same as a task, beside others. */
  sending(request: RequestResource): Blocking<ResponseResource>;
}

export function httpOf(setting: Setting, given: Partial<WasiHost> = {}): Http {
  const host = hostOf(setting, given);
  const { machine, poll, policy } = host;
  const call = callOf(httpImports({ machine, poll, policy, tls: undefined, maxFieldsSize: MAX_SIZE }));
  const sending = (request: RequestResource) => call("wasi:http/client", "send", request) as Blocking<ResponseResource>;
  return {
    host,
    types: <T>(item: string, ...args: readonly unknown[]) => call("wasi:http/types", item, ...args) as T,
    send: (request) => settled<ResponseResource>(setting, sending(request)),
    sending,
  };
}

export const noTrailers = (): HostFuture<Trailers> => HostFuture.of<Trailers>({ tag: "ok", val: undefined });

/** The future of a guest that handles a message without complaint. */
export const handled = (): HostFuture<Transmission> => HostFuture.of<Transmission>({ tag: "ok", val: undefined });

export function fieldsOf({ types }: Http, entries: Readonly<Record<string, string>>): Fields {
  const list = Object.entries(entries).map(([name, value]) => [name, byteString(value)]);
  return types<Fields>("[static]fields.from-list", list);
}

/** A request to a server of this machine's. */
export function requestTo(
  http: Http,
  [authority, method, path]: readonly [authority: string, method: string, path: string],
  headers: Readonly<Record<string, string>> = {},
  contents?: ReadableBytes,
  trailers = noTrailers(),
): readonly [RequestResource, HostFuture<Transmission>] {
  const { types } = http;
  const made = types<readonly [RequestResource, HostFuture<Transmission>]>(
    "[static]request.new",
    ...[fieldsOf(http, headers), contents, trailers, undefined],
  );
  const [request] = made;
  types("[method]request.set-method", request, { tag: "other", val: method });
  types("[method]request.set-scheme", request, { tag: "HTTP" });
  types("[method]request.set-authority", request, authority);
  types("[method]request.set-path-with-query", request, path);
  return made;
}

export function received(
  { types }: Http,
  message: RequestResource | ResponseResource,
  resource = "response",
): Received {
  return types<Received>(`[static]${resource}.consume-body`, message, handled());
}

/** What a future has resolved to. */
export function resolution<T>(future: HostFuture<T>): T {
  let found: { readonly value: T } | undefined;
  future.read((value) => {
    found = { value };
  });
  assert.ok(found !== undefined, "the future is not resolved");
  return found.value;
}

/** Trailers, or an error, as text. */
export function shown(trailers: Trailers): string {
  if (trailers.tag === "err") return trailers.val.tag;
  return (trailers.val?.map.entries() ?? []).map(([name, value]) => `${name}=${latin1(value)}`).join("&");
}
