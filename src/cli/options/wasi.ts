/** -S, --wasi: what a guest is given. */
import { type Group, key, lacking, list } from "./group.ts";
import { bool, graph, keyValue, string, u64, usize } from "./value.ts";

const off = (value: boolean) => !value;

export const wasi = {
  short: "S",
  long: "wasi",
  doc: "What the guest is given: network, environment, standard streams (-Shelp lists all)",
  keys: {
    cli: lacking(bool, "WASI's interfaces at all (default: y)", off),
    "cli-exit-with-code": key(bool, "wasi:cli/exit's exit-with-code: always on"),
    common: lacking(bool, "Old name of cli", off),
    nn: lacking(bool, "wasi-nn, machine learning"),
    threads: lacking(bool, "wasi-threads, which no component can use"),
    http: lacking(bool, "wasi:http, outgoing requests"),
    "http-outgoing-body-buffer-chunks": key(usize, "Chunks of an outgoing HTTP body held back (default: 1)"),
    "http-outgoing-body-chunk-size": key(usize, "Bytes a chunk of an outgoing HTTP body (default: 1048576)"),
    config: lacking(bool, "wasi:config, values from -Sconfig-var"),
    keyvalue: lacking(bool, "wasi:keyvalue, a store in memory"),
    listenfd: key(bool, "The service manager's sockets (LISTEN_FDS), for core modules"),
    tcplisten: list(string, "Listen on ADDR[:PORT] for a core module: its descriptor 3, 4, ..."),
    tls: lacking(bool, "wasi:tls"),
    preview2: key(bool, "WASI 0.2 (always on)"),
    "nn-graph": list(graph, "A model for wasi-nn, by format and directory"),
    "inherit-network": key(bool, "The host's whole network: TCP and UDP, every address"),
    "allow-ip-name-lookup": key(bool, "Looking up host names (not part of inherit-network)"),
    tcp: key(bool, "TCP sockets: denies them with =n; needs inherit-network to reach anything"),
    udp: key(bool, "UDP sockets: denies them with =n; needs inherit-network to reach anything"),
    "network-error-code": key(bool, "wasi:sockets/network's network-error-code"),
    preview0: key(bool, "wasi_unstable for core modules"),
    "inherit-env": key(bool, "The whole environment"),
    "inherit-stdin": key(bool, "Standard input (default: y)"),
    "inherit-stdout": key(bool, "Standard output (default: y)"),
    "inherit-stderr": key(bool, "Standard error (default: y)"),
    cwd: key(string, "What the guest is told is its initial working directory"),
    "config-var": list(keyValue, "A value for wasi:config"),
    "keyvalue-in-memory-data": list(keyValue, "A value in wasi:keyvalue's store"),
    p3: key(bool, "WASI 0.3: components that need it are refused"),
    "max-resources": key(usize, "Resources that the guest may hold at once (default: 1000000)"),
    "hostcall-fuel": key(usize, "Bytes that one host call may copy from the guest (default: 128 MiB)"),
    "max-component-handles": lacking(usize, "Handles that a component instance may hold at once"),
    "max-random-size": key(u64, "Random bytes a call (default: 64 MiB)"),
    "max-http-fields-size": key(usize, "Bytes of one set of HTTP header fields"),
  },
} as const satisfies Group;
