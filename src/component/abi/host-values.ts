/** Errors for values of a host that do not have the type that a component expects: a TypeError, as the mistake is the host's. */
import type { ResourceType } from "../instance/handles.ts";

export function badTag(value: unknown, tags: readonly string[]): never {
  const tag = typeof value === "object" && value !== null && "tag" in value ? value.tag : value;
  throw new TypeError(`"${String(tag)}" is not one of the cases of a variant: ${tags.slice(0, 20).join(", ")}`);
}

export function badLength(value: { readonly length: number }, length: number): never {
  throw new TypeError(`a list of ${length} elements was expected, not of ${value.length}`);
}

export function codeOf(value: string): number {
  const code = typeof value === "string" ? value.codePointAt(0) : undefined;
  const length = code !== undefined && code > 0xffff ? 2 : 1;
  if (code === undefined || value.length !== length || (code >= 0xd800 && code <= 0xdfff)) {
    throw new TypeError(`not a char (a string of one Unicode scalar value): ${JSON.stringify(value)}`);
  }
  return code;
}

export function badResource(resource: ResourceType): never {
  throw new TypeError(`not a "${resource.name}" resource`);
}

export function tooLong(): never {
  throw new RangeError("byte size of a list exceeds the maximum of 2^28 - 1");
}
