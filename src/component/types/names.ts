/** Names of imports and exports (Explainer.md, "Import and Export Definitions") and what JS calls them. */

const label = /^([a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(-([0-9a-z]+|[0-9A-Z]+))*$/;
const words = "[a-z][0-9a-z]*(?:-[0-9a-z]+)*";
const labelPart = "(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*";
const numeric = "(?:0|[1-9][0-9]*)";
const preId = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
const semver = `(${numeric})\\.(${numeric})\\.(${numeric})(-${preId}(?:\\.${preId})*)?(\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
const interfaceName = new RegExp(`^${words}:${words}/${labelPart}(?:@${semver})?$`);

export type ExternName =
  | { readonly kind: "label" }
  | { readonly kind: "interface" }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly member: string };

export function isLabel(name: string): boolean {
  return label.test(name);
}

export function isInterfaceName(name: string): boolean {
  return interfaceName.test(name);
}

/** Undefined: not a valid name. */
export function parseExternName(name: string): ExternName | undefined {
  if (!name.startsWith("[")) {
    if (name.includes(":")) return isInterfaceName(name) ? { kind: "interface" } : undefined;
    return isLabel(name) ? { kind: "label" } : undefined;
  }
  const close = name.indexOf("]");
  const kind = name.slice(1, close);
  const rest = name.slice(close + 1);
  if (kind === "constructor") return isLabel(rest) ? { kind, resource: rest } : undefined;
  if (kind !== "method" && kind !== "static") return undefined;
  const [resource = "", member = "", ...more] = rest.split(".");
  return more.length === 0 && isLabel(resource) && isLabel(member) ? { kind, resource, member } : undefined;
}

/** `wasi:io/poll@0.2.6` is `wasi:io/poll` and `0.2.6`. */
export function splitVersion(name: string): { readonly base: string; readonly version: string | undefined } {
  const at = name.indexOf("@");
  return at < 0 ? { base: name, version: undefined } : { base: name.slice(0, at), version: name.slice(at + 1) };
}

/**
 * What two compatible versions of an interface have in common: the major version, or the minor one below 1.0. A version below
 * 0.1 or with a pre-release part is compatible with itself only.
 */
export function versionTrack(version: string): string {
  const [major = "", minor = ""] = version.split(/[.+-]/);
  if (/^[^+]*-/.test(version)) return version;
  if (major !== "0") return major;
  return minor === "0" ? version : `0.${minor}`;
}

/** Whether an interface of the one name satisfies an import of the other. A name without a version fits any. */
export function compatible(wanted: string, given: string): boolean {
  if (wanted === given) return true;
  const a = splitVersion(wanted);
  const b = splitVersion(given);
  if (a.base !== b.base) return false;
  return a.version === undefined || b.version === undefined || versionTrack(a.version) === versionTrack(b.version);
}

/** `blocking-read` is `blockingRead`, `to-XML` is `toXml`. */
export function camelCase(name: string): string {
  const [first = "", ...rest] = name.split("-");
  return first.toLowerCase() + rest.map(capitalized).join("");
}

/** `tcp-socket` is `TcpSocket`. */
export function pascalCase(name: string): string {
  return name.split("-").map(capitalized).join("");
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}
