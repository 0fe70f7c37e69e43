import { type Host, parseHost } from "../addresses/host.ts";

/** Where a request goes. */
export interface Authority {
  readonly host: Host;
  /** Undefined: the scheme's own. */
  readonly port: number | undefined;
}

/** Reads `HOST[:PORT]` (RFC 3986, section 3.2, without user information). Undefined: invalid. */
export function parseAuthority(text: string): Authority | undefined {
  const [, name, digits] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = name === undefined ? undefined : parseHost(name);
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && port > 65535)) return undefined;
  return { host, port };
}
