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

export interface VersionedName {
  readonly base: string;
  readonly version: string | undefined;
}

/** `wasi:io/poll@0.2.6` is `wasi:io/poll` and `0.2.6`. */
export function splitVersion(name: string): VersionedName {
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
  return wanted === given || isOneTrack(splitVersion(wanted), splitVersion(given), versionTrack);
}

function isOneTrack(a: VersionedName, b: VersionedName, track: (version: string) => string): boolean {
  if (a.base !== b.base) return false;
  return a.version === undefined || b.version === undefined || track(a.version) === track(b.version);
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

/** The names of one component as JS has them, each found out once. */
export class JsNames {
  readonly #camel = new Map<string, string>();
  readonly #pascal = new Map<string, string>();
  readonly #parsed = new Map<string, ExternName | undefined>();
  readonly #split = new Map<string, VersionedName>();
  readonly #tracks = new Map<string, string>();

  camel(name: string): string {
    return remembered(this.#camel, name, camelCase);
  }

  pascal(name: string): string {
    return remembered(this.#pascal, name, pascalCase);
  }

  /** As `parseExternName`. */
  parse(name: string): ExternName | undefined {
    return remembered(this.#parsed, name, parseExternName);
  }

  /** As `splitVersion`. */
  split(name: string): VersionedName {
    return remembered(this.#split, name, splitVersion);
  }

  /** The first of the given names that is `compatible`. @param given By what they are without their versions */
  compatible(wanted: string, given: ReadonlyMap<string, readonly string[]>): string | undefined {
    const split = this.split(wanted);
    const track = (version: string): string => remembered(this.#tracks, version, versionTrack);
    return given.get(split.base)?.find((name) => isOneTrack(split, this.split(name), track));
  }
}

function remembered<T>(known: Map<string, T>, name: string, find: (name: string) => T): T {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = find(name);
  known.set(name, found);
  return found;
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}
