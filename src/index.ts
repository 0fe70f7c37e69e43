/**
 * Pollux as a library: hosts WebAssembly components and core modules in a program on Bun, Deno or Node.
 *
 * - {@linkcode run} runs a command to its end, {@linkcode serve} serves HTTP by a component, {@linkcode handler} makes of one a function
 *   from a `Request` to its `Response`, {@linkcode instantiate} calls what it exports. {@linkcode compile} makes each of these cheaper.
 * - {@linkcode dial}, {@linkcode listen} and {@linkcode stdio} are TCP and standard streams with deadlines.
 *
 * Guests that are suspended while they wait need JSPI: Bun, Deno, Node 24.20 and later. That is every `run`, `serve` and `handler` unless
 * asked otherwise. On Node 22 there are `instantiate` with `wait: "blocking"`, its default, and `dial`, `listen` and `stdio`.
 *
 * @module
 */

import { requireEngine } from "./library/require-engine.ts";

export { ErrorContext } from "./component/error-context.ts";
export { ComponentError } from "./component/errors.ts";
export type { HostFunction, HostImports, HostInstance, ResourceClass } from "./component/host.ts";
export { PreopenError } from "./core/files/preopens.ts";
export { Uncarried } from "./core/http/web/exchange.ts";
export { BodyBrokenOff } from "./core/http/web/response-body.ts";
export { Exit, Trap, type WasmFrame } from "./core/wait/errors.ts";
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
export { type RunOptions, type RunResult, run, type StderrText, type StdoutText } from "./library/run.ts";
export { type ServeOptions, type Server, serve } from "./library/serve.ts";
export type { Reuse, ServingOptions } from "./library/serving.ts";
export type { ComponentSource } from "./library/source.ts";
export type { Input, Output } from "./library/stdio.ts";
export type { CallOptions } from "./library/values/adapt.ts";
export type { StreamSource } from "./library/values/pieces.ts";
export type { Wait } from "./library/wait.ts";
export type { WasiOptions } from "./library/wasi.ts";
export type { NetFamily } from "./machine/machines.ts";
export { OutOfResources } from "./machine/out-of-resources.ts";
export { UnsupportedRuntime } from "./machine/unsupported-runtime.ts";
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
  type Operation,
  SocketError,
  type SocketErrorCode,
} from "./net/errors.ts";
export type { FdStream } from "./net/fd-stream.ts";
export type { Listener } from "./net/listener.ts";
export type { StandardStream, StandardStreams } from "./net/standard-stream.ts";
export { Expired, Unanswered } from "./run/serve/errors.ts";
export { LimitError, LinkError, ParseError } from "./wasm/errors.ts";

// Here, and not where the first call would miss something.
requireEngine();
