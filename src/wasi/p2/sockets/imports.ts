import type { WasiHost } from "../../host.ts";
import { madeOf } from "../../interfaces.ts";
import { p2 } from "../../versions.ts";
import { ipNameLookup } from "./ip-name-lookup.ts";
import { instanceNetwork, network } from "./network.ts";
import { tcp, tcpCreateSocket } from "./tcp.ts";
import { udp, udpCreateSocket } from "./udp.ts";

/** `wasi:sockets` */
export const socketsImports = madeOf<WasiHost>({
  [p2("wasi:sockets/network")]: network,
  [p2("wasi:sockets/instance-network")]: instanceNetwork,
  [p2("wasi:sockets/tcp")]: tcp,
  [p2("wasi:sockets/tcp-create-socket")]: tcpCreateSocket,
  [p2("wasi:sockets/udp")]: udp,
  [p2("wasi:sockets/udp-create-socket")]: udpCreateSocket,
  [p2("wasi:sockets/ip-name-lookup")]: ipNameLookup,
});
