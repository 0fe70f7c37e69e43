import type { HostImports } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { p2 } from "../../versions.ts";
import { ipNameLookup } from "./ip-name-lookup.ts";
import { instanceNetwork, network } from "./network.ts";
import { tcp, tcpCreateSocket } from "./tcp.ts";
import { udp, udpCreateSocket } from "./udp.ts";

/** `wasi:sockets` */
export function socketsImports(host: WasiHost): HostImports {
  return {
    [p2("wasi:sockets/network")]: network(host),
    [p2("wasi:sockets/instance-network")]: instanceNetwork(),
    [p2("wasi:sockets/tcp")]: tcp(host),
    [p2("wasi:sockets/tcp-create-socket")]: tcpCreateSocket(host),
    [p2("wasi:sockets/udp")]: udp(host),
    [p2("wasi:sockets/udp-create-socket")]: udpCreateSocket(host),
    [p2("wasi:sockets/ip-name-lookup")]: ipNameLookup(host),
  };
}
