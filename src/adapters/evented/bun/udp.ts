import type { udp } from "bun";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { formatIp, ipOf, socketAddress } from "../../../machine/ip.ts";
import { errorCodeOf } from "../failure.ts";
import type { DatagramEvents, Datagrams } from "../runtime.ts";

/** The flag that Bun's own node:dgram passes to Bun.udpSocket for an ipv6Only socket. It is not documented. */
const IPV6_ONLY = 8;

export async function openDatagrams(
  family: IpAddressFamily,
  address: IpSocketAddress,
  events: DatagramEvents,
): Promise<void> {
  const options = {
    hostname: formatIp(ipOf(address)),
    port: address.val.port,
    flags: family === "ipv6" ? IPV6_ONLY : 0,
    binaryType: "uint8array",
  } as const;
  const socketHandler: udp.SocketHandler<"uint8array"> = {
    data: (_socket, bytes, port, sender) => events.received(bytes, socketAddress(sender, port)),
    drain: () => events.drained(),
    // Bun passes only the error, whatever its types say.
    error: (first: unknown, second?: unknown) => events.failed(errorCodeOf(second ?? first)),
  };
  try {
    const socket = await Bun.udpSocket({ ...options, socket: socketHandler });
    events.opened(new BunDatagrams(socket));
  } catch (error) {
    events.failed(errorCodeOf(error));
  }
}

class BunDatagrams implements Datagrams {
  readonly localAddress: IpSocketAddress;
  readonly #socket: udp.Socket<"uint8array">;

  constructor(socket: udp.Socket<"uint8array">) {
    const { address, port } = socket.address;
    this.localAddress = socketAddress(address, port);
    this.#socket = socket;
  }

  send(bytes: Uint8Array, to: IpSocketAddress): ErrorCode | undefined {
    try {
      return this.#socket.send(bytes, to.val.port, formatIp(ipOf(to))) ? undefined : "would-block";
    } catch (error) {
      return errorCodeOf(error);
    }
  }

  setHopLimit(hops: number): ErrorCode | undefined {
    try {
      this.#socket.setTTL(hops);
      return undefined;
    } catch (error) {
      return errorCodeOf(error);
    }
  }

  getBufferSize(): ErrorCode {
    return "not-supported";
  }

  setBufferSize(): ErrorCode {
    return "not-supported";
  }

  close(): undefined {
    this.#socket.close();
  }
}
