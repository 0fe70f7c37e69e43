import type { HostInstance } from "../../component/host.ts";
import type { WasiHost } from "../host.ts";

/** `wasi:cli/stdin` */
export function stdin(host: WasiHost): HostInstance {
  return { "get-stdin": host.stdin };
}

/** `wasi:cli/stdout` */
export function stdout(host: WasiHost): HostInstance {
  return { "get-stdout": host.stdout };
}

/** `wasi:cli/stderr` */
export function stderr(host: WasiHost): HostInstance {
  return { "get-stderr": host.stderr };
}
