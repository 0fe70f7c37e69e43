/** Names of imports and exports (Explainer.md, "Import and Export Definitions"), and their names in JavaScript. */
import { labelEnd } from "./label.ts";

export type ExternName =
  | { readonly kind: "label" }
  | { readonly kind: "interface" }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly member: string };

export function isLabel(name: string): boolean {
  return name !== "" && labelEnd(name) === name.length;
}

/** Whether it is `NAMESPACE:PACKAGE/LABEL`, with a valid version if there is an `@`. */
export function isInterfaceName(name: string): boolean {
  const { base, version } = splitVersion(name);
  const colon = base.indexOf(":");
  const slash = base.indexOf("/", colon);
  return (
    colon >= 0 &&
    slash >= 0 &&
    isWords(base.slice(0, colon)) &&
    isWords(base.slice(colon + 1, slash)) &&
    isLabel(base.slice(slash + 1)) &&
    (version === undefined || isVersion(version))
  );
}

/** Whether it is a label in lower case. */
function isWords(name: string): boolean {
  return isLabel(name) && name === name.toLowerCase();
}

const NUMERIC = /^(?:0|[1-9][0-9]*)$/;
const IDENTIFIER = /^[0-9A-Za-z-]+$/;
const DIGITS = /^[0-9]+$/;

/** Whether it is a version of Semantic Versioning 2.0.0: `1.2.3-alpha.1+build`. */
function isVersion(version: string): boolean {
  const [rest = "", build] = splitAt(version, "+");
  const [core = "", pre] = splitAt(rest, "-");
  const numbers = core.split(".");
  return (
    numbers.length === 3 &&
    numbers.every((part) => NUMERIC.test(part)) &&
    (pre === undefined || pre.split(".").every((part) => IDENTIFIER.test(part) && isPlainIfNumber(part))) &&
    (build === undefined || build.split(".").every((part) => IDENTIFIER.test(part)))
  );
}

/** Whether a part of a pre-release version, if it is a number, has no leading zeros. */
function isPlainIfNumber(identifier: string): boolean {
  return !DIGITS.test(identifier) || NUMERIC.test(identifier);
}

/** Returns the text before the first `sign`, and the text after it if there is one. */
function splitAt(text: string, sign: string): [before: string, after?: string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Parses a name; undefined if it is not valid. */
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

/** Splits `wasi:io/poll@0.2.6` into `wasi:io/poll` and `0.2.6`. */
export function splitVersion(name: string): VersionedName {
  const [base, version] = splitAt(name, "@");
  return { base, version };
}

/**
 * Returns the part of a version that compatible versions share: the major version, or the minor one below 1.0. A version below 0.1
 * or with a pre-release part is compatible with itself only.
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

/** Returns `blockingRead` for `blocking-read`, `toXml` for `to-XML`. */
export function camelCase(name: string): string {
  const [first = "", ...rest] = name.split("-");
  return first.toLowerCase() + rest.map(capitalized).join("");
}

/** Returns `TcpSocket` for `tcp-socket`. */
export function pascalCase(name: string): string {
  return name.split("-").map(capitalized).join("");
}

/** The JavaScript names of one component, each computed once. */
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

  /** Returns the first of the given names that is `compatible`. @param given Full names by their names without versions */
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
