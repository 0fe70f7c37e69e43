/** The parts of WASI that a guest has only if it is asked for. */

/** The key of -S that gives it. */
export type OptionalKey = "http" | "config" | "network-error-code";

/** By interface without its version, and by interface and function. */
const keys: ReadonlyMap<string, OptionalKey> = new Map([
  ["wasi:config/store", "config"],
  ["wasi:http/types", "http"],
  ["wasi:http/outgoing-handler", "http"],
  ["wasi:http/client", "http"],
  ["wasi:sockets/network network-error-code", "network-error-code"],
]);

/**
 * Returns the key that gives a guest an interface, or a function of one.
 *
 * @param base The interface, without its version
 * @param item The function
 * @returns undefined if no key is needed
 */
export function optionalKey(base: string, item?: string): OptionalKey | undefined {
  return keys.get(base) ?? keys.get(`${base} ${item}`);
}
