import { addresses, optionFunctions, tcpOptions, udpOptions } from "../../types/sockets.ts";
import type { Interfaces } from "../../types/table.ts";

export const sockets: Interfaces = {
  "wasi:sockets/network": {
    network: "resource",
    "error-code":
      "enum { unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict, " +
      "not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use, " +
      "remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large, " +
      "name-unresolvable, temporary-resolver-failure, permanent-resolver-failure }",
    ...addresses,
    "network-error-code": "(error) -> option<error-code>",
  },
  "wasi:sockets/instance-network": { "instance-network": "() -> network" },
  "wasi:sockets/ip-name-lookup": {
    "resolve-addresses": "(network, string) -> result<resolve-address-stream, error-code>",
    "resolve-address-stream": "resource",
    "[method]resolve-address-stream.resolve-next-address": "() -> result<option<ip-address>, error-code>",
    "[method]resolve-address-stream.subscribe": "() -> pollable",
  },
  "wasi:sockets/tcp": {
    "shutdown-type": "enum { receive, send, both }",
    "tcp-socket": "resource",
    "[method]tcp-socket.start-bind": "(network, ip-socket-address) -> result<_, error-code>",
    "[method]tcp-socket.finish-bind": "() -> result<_, error-code>",
    "[method]tcp-socket.start-connect": "(network, ip-socket-address) -> result<_, error-code>",
    "[method]tcp-socket.finish-connect": "() -> result<tuple<input-stream, output-stream>, error-code>",
    "[method]tcp-socket.start-listen": "() -> result<_, error-code>",
    "[method]tcp-socket.finish-listen": "() -> result<_, error-code>",
    "[method]tcp-socket.accept": "() -> result<tuple<tcp-socket, input-stream, output-stream>, error-code>",
    "[method]tcp-socket.local-address": "() -> result<ip-socket-address, error-code>",
    "[method]tcp-socket.remote-address": "() -> result<ip-socket-address, error-code>",
    "[method]tcp-socket.is-listening": "() -> bool",
    "[method]tcp-socket.address-family": "() -> ip-address-family",
    "[method]tcp-socket.set-listen-backlog-size": "(u64) -> result<_, error-code>",
    ...optionFunctions("tcp-socket", tcpOptions, ""),
    "[method]tcp-socket.subscribe": "() -> pollable",
    "[method]tcp-socket.shutdown": "(shutdown-type) -> result<_, error-code>",
  },
  "wasi:sockets/tcp-create-socket": { "create-tcp-socket": "(ip-address-family) -> result<tcp-socket, error-code>" },
  "wasi:sockets/udp": {
    "udp-socket": "resource",
    "[method]udp-socket.start-bind": "(network, ip-socket-address) -> result<_, error-code>",
    "[method]udp-socket.finish-bind": "() -> result<_, error-code>",
    "[method]udp-socket.stream":
      "(option<ip-socket-address>) -> result<tuple<incoming-datagram-stream, outgoing-datagram-stream>, error-code>",
    "[method]udp-socket.local-address": "() -> result<ip-socket-address, error-code>",
    "[method]udp-socket.remote-address": "() -> result<ip-socket-address, error-code>",
    "[method]udp-socket.address-family": "() -> ip-address-family",
    ...optionFunctions("udp-socket", udpOptions, ""),
    "[method]udp-socket.subscribe": "() -> pollable",

    "incoming-datagram": "record { data: list<u8>, remote-address: ip-socket-address }",
    "incoming-datagram-stream": "resource",
    "[method]incoming-datagram-stream.receive": "(u64) -> result<list<incoming-datagram>, error-code>",
    "[method]incoming-datagram-stream.subscribe": "() -> pollable",

    "outgoing-datagram": "record { data: list<u8>, remote-address: option<ip-socket-address> }",
    "outgoing-datagram-stream": "resource",
    "[method]outgoing-datagram-stream.check-send": "() -> result<u64, error-code>",
    "[method]outgoing-datagram-stream.send": "(list<outgoing-datagram>) -> result<u64, error-code>",
    "[method]outgoing-datagram-stream.subscribe": "() -> pollable",
  },
  "wasi:sockets/udp-create-socket": { "create-udp-socket": "(ip-address-family) -> result<udp-socket, error-code>" },
};
