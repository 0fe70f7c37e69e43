import { addresses, optionFunctions, tcpOptions, udpOptions } from "../../types/sockets.ts";
import type { Interfaces } from "../../types/table.ts";

export const sockets: Interfaces = {
  "wasi:sockets/types": {
    "error-code":
      "variant { access-denied, not-supported, invalid-argument, out-of-memory, timeout, invalid-state, " +
      "address-not-bindable, address-in-use, remote-unreachable, connection-refused, connection-broken, " +
      "connection-reset, connection-aborted, datagram-too-large, other(option<string>) }",
    ...addresses,

    "tcp-socket": "resource",
    "[static]tcp-socket.create": "(ip-address-family) -> result<tcp-socket, error-code>",
    "[method]tcp-socket.bind": "(ip-socket-address) -> result<_, error-code>",
    "[method]tcp-socket.connect": "async (ip-socket-address) -> result<_, error-code>",
    "[method]tcp-socket.listen": "() -> result<stream<tcp-socket>, error-code>",
    "[method]tcp-socket.send": "(stream<u8>) -> future<result<_, error-code>>",
    "[method]tcp-socket.receive": "() -> tuple<stream<u8>, future<result<_, error-code>>>",
    "[method]tcp-socket.get-local-address": "() -> result<ip-socket-address, error-code>",
    "[method]tcp-socket.get-remote-address": "() -> result<ip-socket-address, error-code>",
    "[method]tcp-socket.get-is-listening": "() -> bool",
    "[method]tcp-socket.get-address-family": "() -> ip-address-family",
    "[method]tcp-socket.set-listen-backlog-size": "(u64) -> result<_, error-code>",
    ...optionFunctions("tcp-socket", tcpOptions, "get-"),

    "udp-socket": "resource",
    "[static]udp-socket.create": "(ip-address-family) -> result<udp-socket, error-code>",
    "[method]udp-socket.bind": "(ip-socket-address) -> result<_, error-code>",
    "[method]udp-socket.connect": "(ip-socket-address) -> result<_, error-code>",
    "[method]udp-socket.disconnect": "() -> result<_, error-code>",
    "[method]udp-socket.send": "async (list<u8>, option<ip-socket-address>) -> result<_, error-code>",
    "[method]udp-socket.receive": "async () -> result<tuple<list<u8>, ip-socket-address>, error-code>",
    "[method]udp-socket.get-local-address": "() -> result<ip-socket-address, error-code>",
    "[method]udp-socket.get-remote-address": "() -> result<ip-socket-address, error-code>",
    "[method]udp-socket.get-address-family": "() -> ip-address-family",
    ...optionFunctions("udp-socket", udpOptions, "get-"),
  },
  "wasi:sockets/ip-name-lookup": {
    // WIT calls it error-code, like that of sockets.
    "lookup-error-code":
      "variant { access-denied, invalid-argument, name-unresolvable, temporary-resolver-failure, " +
      "permanent-resolver-failure, other(option<string>) }",
    "resolve-addresses": "async (string) -> result<list<ip-address>, lookup-error-code>",
  },
};
