import { alignTo, discriminantSize } from "../types/layout.ts";
import type { ValType } from "../types/types.ts";

/**
 * The layout of a value in a 64-bit host written in Rust: its size and alignment, bytes. `niche`: some bit patterns are not values.
 */
interface HostLayout {
  readonly size: number;
  readonly align: number;
  readonly niche: boolean;
}

/**
 * Returns the cost of a list element that is passed to a host function, in bytes of -Shostcall-fuel. The contents of strings and
 * lists inside it come on top. wasmtime counts the size of the Rust value. Measured on 48.0.8: a pollable 12, a datagram 56, a
 * field with its name 48.
 */
export function elementFuel(element: ValType): number {
  return layoutOf(element).size;
}

function layoutOf(type: ValType): HostLayout {
  switch (type.kind) {
    case "string":
      return { size: 24, align: 8, niche: true };
    case "list":
      return type.length === undefined ? { size: 24, align: 8, niche: true } : array(type.element, type.length);
    case "own":
    case "borrow":
      return { size: 12, align: 4, niche: true };
    case "record":
      return fields(type.fields.map((field) => field.type));
    case "tuple":
      return fields(type.types);
    case "variant":
      return cases(type.cases.map((each) => each.type));
    case "result":
      return cases([type.ok, type.err]);
    case "option": {
      const layout = layoutOf(type.type);
      return layout.niche ? layout : cases([undefined, type.type]);
    }
    default: {
      const { size, align } = type.info;
      return { size, align, niche: type.kind === "bool" || type.kind === "char" || type.kind === "enum" };
    }
  }
}

function array(element: ValType, length: number): HostLayout {
  const layout = layoutOf(element);
  return { ...layout, size: layout.size * length };
}

/** Returns the layout of a struct. Rust orders fields so that no padding is needed between them. */
function fields(types: readonly ValType[]): HostLayout {
  const layouts = types.map(layoutOf);
  const align = Math.max(1, ...layouts.map((layout) => layout.align));
  const size = layouts.reduce((sum, layout) => sum + layout.size, 0);
  return { size: alignTo(size, align), align, niche: layouts.some(({ niche }) => niche) };
}

function cases(types: readonly (ValType | undefined)[]): HostLayout {
  const payload = types.map((type) => (type === undefined ? { size: 0, align: 1 } : layoutOf(type)));
  const align = Math.max(1, ...payload.map((layout) => layout.align));
  const offset = alignTo(discriminantSize(types.length), align);
  return { size: alignTo(offset + Math.max(...payload.map(({ size }) => size)), align), align, niche: true };
}
