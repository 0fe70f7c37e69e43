import type { Interfaces } from "../../types/table.ts";

export const sockets: Interfaces = {
  "wasi:sockets/types": {
    "error-code":
      "variant { access-denied, not-supported, invalid-argument, out-of-memory, timeout, invalid-state, " +
      "address-not-bindable, address-in-use, remote-unreachable, connection-refused, connection-broken, " +
      "connection-reset, connection-aborted, datagram-too-large, other(option<string>) }",
    "ip-address-family": "enum { ipv4, ipv6 }",
    "ip-address": "variant { ipv4(tuple<u8, u8, u8, u8>), ipv6(tuple<u16, u16, u16, u16, u16, u16, u16, u16>) }",
    "ipv4-socket-address": "record { port: u16, address: tuple<u8, u8, u8, u8> }",
    "ipv6-socket-address":
      "record { port: u16, flow-info: u32, address: tuple<u16, u16, u16, u16, u16, u16, u16, u16>, scope-id: u32 }",
    "ip-socket-address": "variant { ipv4(ipv4-socket-address), ipv6(ipv6-socket-address) }",

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
    "[method]tcp-socket.get-keep-alive-enabled": "() -> result<bool, error-code>",
    "[method]tcp-socket.set-keep-alive-enabled": "(bool) -> result<_, error-code>",
    "[method]tcp-socket.get-keep-alive-idle-time": "() -> result<u64, error-code>",
    "[method]tcp-socket.set-keep-alive-idle-time": "(u64) -> result<_, error-code>",
    "[method]tcp-socket.get-keep-alive-interval": "() -> result<u64, error-code>",
    "[method]tcp-socket.set-keep-alive-interval": "(u64) -> result<_, error-code>",
    "[method]tcp-socket.get-keep-alive-count": "() -> result<u32, error-code>",
    "[method]tcp-socket.set-keep-alive-count": "(u32) -> result<_, error-code>",
    "[method]tcp-socket.get-hop-limit": "() -> result<u8, error-code>",
    "[method]tcp-socket.set-hop-limit": "(u8) -> result<_, error-code>",
    "[method]tcp-socket.get-receive-buffer-size": "() -> result<u64, error-code>",
    "[method]tcp-socket.set-receive-buffer-size": "(u64) -> result<_, error-code>",
    "[method]tcp-socket.get-send-buffer-size": "() -> result<u64, error-code>",
    "[method]tcp-socket.set-send-buffer-size": "(u64) -> result<_, error-code>",

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
    "[method]udp-socket.get-unicast-hop-limit": "() -> result<u8, error-code>",
    "[method]udp-socket.set-unicast-hop-limit": "(u8) -> result<_, error-code>",
    "[method]udp-socket.get-receive-buffer-size": "() -> result<u64, error-code>",
    "[method]udp-socket.set-receive-buffer-size": "(u64) -> result<_, error-code>",
    "[method]udp-socket.get-send-buffer-size": "() -> result<u64, error-code>",
    "[method]udp-socket.set-send-buffer-size": "(u64) -> result<_, error-code>",
  },
  "wasi:sockets/ip-name-lookup": {
    // WIT calls it error-code, as it does that of sockets.
    "lookup-error-code":
      "variant { access-denied, invalid-argument, name-unresolvable, temporary-resolver-failure, " +
      "permanent-resolver-failure, other(option<string>) }",
    "resolve-addresses": "async (string) -> result<list<ip-address>, lookup-error-code>",
  },
};
