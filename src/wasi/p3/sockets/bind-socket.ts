import type { TcpSocket } from "../../../core/sockets/tcp-socket.ts";
import type { UdpSocket } from "../../../core/sockets/udp-socket.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { IpSocketAddress } from "../../../machine/address.ts";
import { orThrow } from "./error-code.ts";

/** Binds a socket, bind(2), and waits if that takes time. @throws the `error-code` of a failure */
export function* bindSocket(self: TcpSocket | UdpSocket, address: IpSocketAddress): Blocking<void> {
  orThrow(self.bind(address));
  orThrow(yield* self.ended());
}
