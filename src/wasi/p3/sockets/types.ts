import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { tcpSocket } from "./tcp-socket.ts";
import { udpSocket } from "./udp-socket.ts";

/** Makes `wasi:sockets/types`. */
export function types(host: WasiHost): HostInstance {
  return { ...tcpSocket(host), ...udpSocket(host) };
}
