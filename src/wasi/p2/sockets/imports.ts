import type { WasiHost } from "../../host.ts";
import { madeOf } from "../../interfaces.ts";
import { p2 } from "../../versions.ts";
import { ipNameLookup } from "./ip-name-lookup.ts";
import { instanceNetwork, network } from "./network.ts";
import { tcp, tcpCreateSocket } from "./tcp.ts";
import { udp, udpCreateSocket } from "./udp.ts";

/** Makes `wasi:sockets` 0.2. */
export const socketsImports = madeOf<WasiHost>(p2, {
  "wasi:sockets/network": network,
  "wasi:sockets/instance-network": instanceNetwork,
  "wasi:sockets/tcp": tcp,
  "wasi:sockets/tcp-create-socket": tcpCreateSocket,
  "wasi:sockets/udp": udp,
  "wasi:sockets/udp-create-socket": udpCreateSocket,
  "wasi:sockets/ip-name-lookup": ipNameLookup,
});
