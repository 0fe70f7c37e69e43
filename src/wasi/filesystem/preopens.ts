import type { HostInstance } from "../../component/host.ts";

/** `wasi:filesystem/preopens`: no directory is handed in, so that libc guests start. */
export function preopens(): HostInstance {
  return { "get-directories": () => [] };
}
