import type { HostImports } from "../../component/host.ts";
import type { WasiHost } from "../host.ts";
import { ipNameLookup } from "./ip-name-lookup.ts";
import { instanceNetwork, network } from "./network.ts";
import { tcp, tcpCreateSocket } from "./tcp.ts";
import { udp, udpCreateSocket } from "./udp.ts";

/** `wasi:sockets` */
export function socketsImports(host: WasiHost): HostImports {
  return {
    "wasi:sockets/network@0.2.12": network(host),
    "wasi:sockets/instance-network@0.2.12": instanceNetwork(),
    "wasi:sockets/tcp@0.2.12": tcp(host),
    "wasi:sockets/tcp-create-socket@0.2.12": tcpCreateSocket(host),
    "wasi:sockets/udp@0.2.12": udp(host),
    "wasi:sockets/udp-create-socket@0.2.12": udpCreateSocket(host),
    "wasi:sockets/ip-name-lookup@0.2.12": ipNameLookup(host),
  };
}
