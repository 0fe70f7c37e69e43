/** Pollux as a library: a program that hosts components. */

import { requireEngine } from "./library/require-engine.ts";

export { ErrorContext } from "./component/error-context.ts";
export { ComponentError } from "./component/errors.ts";
export type { HostFunction, HostImports, HostInstance, ResourceClass } from "./component/host.ts";
export { PreopenError } from "./core/files/preopens.ts";
export { Uncarried } from "./core/http/web/exchange.ts";
export { BodyBrokenOff } from "./core/http/web/response-body.ts";
export { Exit, Trap } from "./core/wait/errors.ts";
export { type CompiledComponent, type CompileOptions, compile } from "./library/compile.ts";
export type { GuestSurroundings, NetworkAccess } from "./library/guest.ts";
export { type Handler, type HandlerOptions, handler } from "./library/handler.ts";
export {
  type DisposableInstance,
  type Instance,
  type InstantiateOptions,
  instantiate,
} from "./library/instantiate.ts";
export type { Limits } from "./library/limits.ts";
export { dial, listen, stdio } from "./library/net.ts";
export { type RunOptions, type RunResult, run } from "./library/run.ts";
export { type ServeOptions, type Server, serve } from "./library/serve.ts";
export type { Reuse, ServingOptions } from "./library/serving.ts";
export type { ComponentSource } from "./library/source.ts";
export type { CallOptions } from "./library/values/adapt.ts";
export type { StreamSource } from "./library/values/pieces.ts";
export type { Wait } from "./library/wait.ts";
export type { WasiOptions } from "./library/wasi.ts";
export { OutOfResources } from "./machine/out-of-resources.ts";
export type { Address, AddressLike, HostPort } from "./net/address.ts";
export type { Conn } from "./net/conn.ts";
export type { Deadline } from "./net/deadline.ts";
export type { DialOptions } from "./net/dial.ts";
export {
  AddressError,
  ErrDeadlineExceeded,
  ErrFileClosing,
  ErrNetClosing,
  ErrNoDeadline,
  NetError,
  SocketError,
} from "./net/errors.ts";
export type { Listener } from "./net/listener.ts";
export type { StandardStream, StandardStreams } from "./net/standard-stream.ts";
export { Expired, Unanswered } from "./run/serve/errors.ts";
export { LimitError, LinkError, ParseError } from "./wasm/errors.ts";

// Here, and not where the first call would miss something.
requireEngine();
