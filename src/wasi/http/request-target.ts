import { latin1, token } from "../../core/http/fields.ts";

const methods = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"] as const;

/** `wasi:http/types.method` */
export type Method = { readonly tag: (typeof methods)[number] } | { readonly tag: "other"; readonly val: string };

/** `wasi:http/types.scheme` */
export type Scheme =
  | { readonly tag: "HTTP" }
  | { readonly tag: "HTTPS" }
  | { readonly tag: "other"; readonly val: string };

/**
 * A path and query as Rust's `http` crate accepts them: the characters of RFC 3986, and others that clients send. A
 * fragment may follow, which is not sent.
 */
const pathAndQuery = /^([/?][!"$-;=@-_a-~\x80-\u{10ffff}]*(\?[!$-;=?-~\x80-\u{10ffff}]*)?(#.*)?)?$/su;

/** As `pathAndQuery`, but the path may be relative (RFC 3986, 3.3). */
const relativePathAndQuery = /^(?!#)[!"$-;=@-_a-~\x80-\u{10ffff}]*(\?[!$-;=?-~\x80-\u{10ffff}]*)?(#.*)?$/su;

/** The longest path and query, bytes. */
const MAX_PATH = 65_534;

const schemeName = /^[A-Za-z0-9+.~-]{0,64}$/;

export function isMethod(method: Method): boolean {
  return method.tag !== "other" || token.test(method.val);
}

/** Returns whether `set-path-with-query` of WASI 0.2 accepts the path. */
export function isPath(path: string): boolean {
  return pathAndQuery.test(path) && isShort(path);
}

/**
 * Returns whether `set-path-with-query` of WASI 0.3 accepts the path. wasi-testsuite's http-request has paths without a
 * slash there, which wasmtime 48 refuses.
 */
export function isPathOrRelative(path: string): boolean {
  return relativePathAndQuery.test(path) && isShort(path);
}

function isShort(path: string): boolean {
  return new TextEncoder().encode(path).length <= MAX_PATH;
}

export function isScheme(scheme: Scheme): boolean {
  return scheme.tag !== "other" || schemeName.test(scheme.val);
}

/** Returns the method as it is sent. */
export function methodName(method: Method): string {
  return method.tag === "other" ? method.val : method.tag.toUpperCase();
}

/** Returns the WIT value of a valid method name. */
export function methodOf(name: string): Method {
  const tag = methods.find((each) => each.toUpperCase() === name);
  return tag === undefined ? { tag: "other", val: name } : { tag };
}

/** Returns the WIT value of a valid scheme. */
export function schemeOf(name: string): Scheme {
  return name === "http" ? { tag: "HTTP" } : name === "https" ? { tag: "HTTPS" } : { tag: "other", val: name };
}

/**
 * Returns whether a request with this scheme uses TLS; undefined if it needs another protocol. No scheme means HTTPS.
 */
export function isSecure(scheme: Scheme | undefined): boolean | undefined {
  if (scheme === undefined || scheme.tag === "HTTPS") return true;
  if (scheme.tag === "HTTP") return false;
  return scheme.val === "https" ? true : scheme.val === "http" ? false : undefined;
}

/** Returns the path as it is sent, each byte as a character. A relative one starts from the root (RFC 3986, 5.2.3). */
export function wirePath(path: string): string {
  const [sent = ""] = path.split("#");
  const rooted = sent.startsWith("/") ? sent : `/${sent}`;
  return latin1(new TextEncoder().encode(rooted));
}
