import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { OutputStreamResource } from "../io/output-stream.ts";

/** `wasi:cli/stdin` */
export function stdin(host: WasiHost): HostInstance {
  return { "get-stdin": () => new InputStreamResource(host.stdin()) };
}

/** `wasi:cli/stdout` */
export function stdout(host: WasiHost): HostInstance {
  return { "get-stdout": () => new OutputStreamResource(host.stdout()) };
}

/** `wasi:cli/stderr` */
export function stderr(host: WasiHost): HostInstance {
  return { "get-stderr": () => new OutputStreamResource(host.stderr()) };
}
