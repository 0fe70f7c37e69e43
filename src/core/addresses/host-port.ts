/**
 * Splits `HOST:PORT` and `HOST`. An IPv6 address stands in brackets, which stay with the host. Undefined: neither, as `::1:80`,
 * whose last group could be the port. What host and port may be is the caller's to check.
 */
export function splitHostPort(text: string): { readonly host: string; readonly port: string | undefined } | undefined {
  const [, host, port] = /^(\[[^\]]*\]|[^[\]:]*)(?::([^:]*))?$/.exec(text) ?? [];
  return host === undefined ? undefined : { host, port };
}
