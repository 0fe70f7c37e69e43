import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { OutputStreamResource } from "../io/output-stream.ts";

/** Makes `wasi:cli/stdin`: `get-stdin` returns a new stream on the same input each time. */
export function stdin(host: WasiHost): HostInstance {
  return { "get-stdin": () => new InputStreamResource(host.stdin()) };
}

/** Makes `wasi:cli/stdout`: `get-stdout` returns a new stream on the same output each time. */
export function stdout(host: WasiHost): HostInstance {
  return { "get-stdout": () => new OutputStreamResource(host.stdout()) };
}

/** Makes `wasi:cli/stderr`: `get-stderr` returns a new stream on the same output each time. */
export function stderr(host: WasiHost): HostInstance {
  return { "get-stderr": () => new OutputStreamResource(host.stderr()) };
}
