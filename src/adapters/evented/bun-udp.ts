import type { udp } from "bun";
import type { ErrorCode, IpAddressFamily, IpSocketAddress } from "../contract.ts";
import { formatIp, ipOf, socketAddress } from "../ip.ts";
import { errorCodeOf } from "./failure.ts";
import type { DatagramEvents, Datagrams } from "./runtime.ts";

export async function openDatagrams(
  _family: IpAddressFamily,
  address: IpSocketAddress,
  events: DatagramEvents,
): Promise<void> {
  try {
    const socket = await Bun.udpSocket({
      hostname: formatIp(ipOf(address)),
      port: address.val.port,
      binaryType: "uint8array",
      socket: {
        data: (_socket, bytes, port, sender) => events.received(bytes, socketAddress(sender, port)),
        drain: () => events.drained(),
        error: (_socket, error) => events.failed(errorCodeOf(error)),
      },
    });
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

  close(): void {
    this.#socket.close();
  }
}
