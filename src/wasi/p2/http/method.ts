const methods = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"] as const;

/** `wasi:http/types.method` */
export type Method = { readonly tag: (typeof methods)[number] } | { readonly tag: "other"; readonly val: string };

/** `wasi:http/types.scheme` */
export type Scheme = { readonly tag: "HTTP" | "HTTPS" } | { readonly tag: "other"; readonly val: string };

const known: ReadonlyMap<string, Method> = new Map(methods.map((tag) => [tag.toUpperCase(), { tag }]));

/** @param name As it is sent: methods are case-sensitive */
export function methodOf(name: string): Method {
  return known.get(name) ?? { tag: "other", val: name };
}

/** As it is sent. */
export function nameOf(method: Method): string {
  return method.tag === "other" ? method.val : method.tag.toUpperCase();
}
