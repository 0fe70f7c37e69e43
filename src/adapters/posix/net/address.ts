import type { IpSocketAddress } from "../../../machine/address.ts";
import type { Os } from "../libc/os.ts";

/** The sizes of struct sockaddr_in and struct sockaddr_in6, bytes. */
export const SOCKADDR_IN = 16;
export const SOCKADDR_IN6 = 28;

/**
 * Writes `address` as a struct sockaddr_in (ip(7)) or sockaddr_in6 (ipv6(7)) and returns its length. Port and address
 * are in network order; flow info and scope id go to the kernel unchanged, as in wasmtime.
 */
export function encodeAddress(address: IpSocketAddress, view: DataView, os: Os): number {
  const { AF_INET, AF_INET6 } = os.constants;
  if (address.tag === "ipv4") {
    setFamily(view, AF_INET, SOCKADDR_IN, os);
    view.setUint16(2, address.val.port);
    for (let i = 0; i < 4; i++) view.setUint8(4 + i, address.val.address[i]!);
    view.setUint32(8, 0);
    view.setUint32(12, 0);
    return SOCKADDR_IN;
  }
  setFamily(view, AF_INET6, SOCKADDR_IN6, os);
  view.setUint16(2, address.val.port);
  view.setUint32(4, address.val.flowInfo, true);
  for (let i = 0; i < 8; i++) view.setUint16(8 + 2 * i, address.val.address[i]!);
  view.setUint32(24, address.val.scopeId, true);
  return SOCKADDR_IN6;
}

/** Returns the address; undefined if it is neither IPv4 nor IPv6. */
export function decodeAddress(view: DataView, os: Os): IpSocketAddress | undefined {
  const family = os.sockaddrHasLength ? view.getUint8(1) : view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === os.constants.AF_INET) {
    const address = [view.getUint8(4), view.getUint8(5), view.getUint8(6), view.getUint8(7)];
    return { tag: "ipv4", val: { port, address } };
  }
  if (family !== os.constants.AF_INET6) return undefined;
  const address: number[] = [];
  for (let i = 0; i < 8; i++) address.push(view.getUint16(8 + 2 * i));
  return {
    tag: "ipv6",
    val: { port, flowInfo: view.getUint32(4, true), address, scopeId: view.getUint32(24, true) },
  };
}

export function setFamily(view: DataView, family: number, length: number, os: Os): void {
  if (os.sockaddrHasLength) {
    view.setUint8(0, length);
    view.setUint8(1, family);
  } else view.setUint16(0, family, true);
}
