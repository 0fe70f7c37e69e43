import type { ErrorContext } from "../component/error-context.ts";
import { camelCase } from "../component/types/names.ts";
import type { ResourceId, ValType } from "../component/types/types.ts";
import type { IpAddress, IpSocketAddress } from "../machine/address.ts";
import { formatIp, formatSocketAddress } from "../machine/ip.ts";
import { integer, type Shown, ShownBytes, Word } from "./shown.ts";

/**
 * Converts a value of one type, as host functions take and return it (component/host.ts), to what a trace shows of it.
 */
export type Decode = (value: never) => Shown;

/** How many elements of a list are shown. */
const MAX_ELEMENTS = 16;

/** Returns the name of a resource that a function takes or returns. */
export type NameResource = (resource: object, id: ResourceId) => string;

/** Makes the decoder of a type. Called once for each import, when it is linked. */
export function decoder(type: ValType, name: NameResource): Decode {
  const part = (inner: ValType) => decoder(inner, name);
  switch (type.kind) {
    case "u64":
    case "s64":
      return integer;
    case "own":
    case "borrow":
      return (value: object) => new Word(name(value, type.resource));
    case "stream":
    case "future":
      return () => new Word(type.kind);
    case "error-context":
      return (value: ErrorContext) => ({ [type.kind]: value.debugMessage });
    case "enum":
      return (value: string) => new Word(value);
    case "flags":
      return (value: Readonly<Record<string, boolean>>) =>
        new Word(type.names.filter((name) => value[camelCase(name)]).join("|") || "0");
    case "list": {
      if (type.element.kind === "u8")
        return (value: Uint8Array) => new ShownBytes(Uint8Array.from(value.subarray(0, 64)), value.length);
      const element = part(type.element);
      return (value: ArrayLike<never>) => {
        const shown = Array.from({ length: Math.min(value.length, MAX_ELEMENTS) }, (_, i) => element(value[i]!));
        return value.length > MAX_ELEMENTS ? [...shown, new Word(`${value.length - MAX_ELEMENTS} more`)] : shown;
      };
    }
    case "record": {
      const fields = type.fields.map(({ name, type: field }) => [name, camelCase(name), part(field)] as const);
      return (value: Readonly<Record<string, never>>) =>
        Object.fromEntries(fields.map(([name, key, field]) => [name, field(value[key]!)]));
    }
    case "tuple": {
      const items = type.types.map(part);
      return (value: readonly never[]) => items.map((item, i) => item(value[i]!));
    }
    case "option": {
      const some = part(type.type);
      // An option of an option has tags, to tell its two nones apart.
      if (type.type.kind === "option")
        return (value: { tag: string; val: never }) => (value.tag === "some" ? { some: some(value.val) } : Word.none);
      return (value) => (value === undefined || value === null ? Word.none : some(value));
    }
    case "variant":
      return address(type) ?? cases(new Map(type.cases.map((each) => [each.name, each.type && part(each.type)])));
    case "result":
      return cases(
        new Map([
          ["ok", type.ok && part(type.ok)],
          ["err", type.err && part(type.err)],
        ]),
      );
    default:
      return (value: boolean | number | string) => value;
  }
}

function cases(payloads: ReadonlyMap<string, Decode | undefined>): Decode {
  return ({ tag, val }: { tag: string; val: never }) => {
    const payload = payloads.get(tag);
    return payload === undefined ? new Word(tag) : { [tag]: payload(val) };
  };
}

/**
 * Returns the decoder for an address, which has the variants `ipv4` and `ipv6`, with or without a port; undefined for
 * other types.
 */
function address({ cases: [v4, v6, ...more] }: ValType & { kind: "variant" }): Decode | undefined {
  if (v4?.name !== "ipv4" || v6?.name !== "ipv6" || more.length > 0) return undefined;
  if (v4.type?.kind === "tuple") return (value: IpAddress) => new Word(formatIp(value));
  return (value: IpSocketAddress) => new Word(formatSocketAddress(value));
}
