import type { HostInstance } from "../../component/host.ts";

/** `wasi:sockets/udp-create-socket`, as a host that denies UDP. */
export function udpCreateSocket(): HostInstance {
  return {
    "create-udp-socket": () => {
      throw "access-denied";
    },
  };
}

/** `wasi:sockets/ip-name-lookup`, as a host that denies look-ups. */
export function ipNameLookup(): HostInstance {
  return {
    "resolve-addresses": () => {
      throw "permanent-resolver-failure";
    },
  };
}
