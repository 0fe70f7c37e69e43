/** The types and functions of `wasi:sockets` that are the same in every version. */

export const addresses: Readonly<Record<string, string>> = {
  "ip-address-family": "enum { ipv4, ipv6 }",
  "ip-address": "variant { ipv4(tuple<u8, u8, u8, u8>), ipv6(tuple<u16, u16, u16, u16, u16, u16, u16, u16>) }",
  "ipv4-socket-address": "record { port: u16, address: tuple<u8, u8, u8, u8> }",
  "ipv6-socket-address":
    "record { port: u16, flow-info: u32, address: tuple<u16, u16, u16, u16, u16, u16, u16, u16>, scope-id: u32 }",
  "ip-socket-address": "variant { ipv4(ipv4-socket-address), ipv6(ipv6-socket-address) }",
};

/** The options of TCP sockets, with the types of their values. */
export const tcpOptions: Readonly<Record<string, string>> = {
  "keep-alive-enabled": "bool",
  "keep-alive-idle-time": "u64",
  "keep-alive-interval": "u64",
  "keep-alive-count": "u32",
  "hop-limit": "u8",
  "receive-buffer-size": "u64",
  "send-buffer-size": "u64",
};

export const udpOptions: Readonly<Record<string, string>> = {
  "unicast-hop-limit": "u8",
  "receive-buffer-size": "u64",
  "send-buffer-size": "u64",
};

/**
 * Returns the types of a socket resource's getters and setters.
 *
 * @param getter the prefix of getters: empty, or `get-`
 */
export function optionFunctions(
  resource: string,
  options: Readonly<Record<string, string>>,
  getter: string,
): Record<string, string> {
  const functions: Record<string, string> = {};
  for (const [option, type] of Object.entries(options)) {
    functions[`[method]${resource}.${getter}${option}`] = `() -> result<${type}, error-code>`;
    functions[`[method]${resource}.set-${option}`] = `(${type}) -> result<_, error-code>`;
  }
  return functions;
}
