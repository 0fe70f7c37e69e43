import { alignTo, discriminantSize, payloadOffset, payloadsOf, tagsOf } from "../types/layout.ts";
import { camelCase } from "../types/names.ts";
import type { CoreType, StreamOrFuture, ValType } from "../types/types.ts";
import { bits, type Emitter, property } from "./emitter.ts";
import { lowerErrorContext } from "./error-context.ts";
import { badLength, badResource, badTag, codeOf, tooLong } from "./host-values.ts";
import { arrayTypes, type Flat, isNullable } from "./lift-code.ts";
import { storeString } from "./strings.ts";

const inlineWeight = 24;

function at(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** Writes code that stores `value` (an expression) of `type` at `base + offset`, which have been checked. It keeps `V` current. */
export function store(e: Emitter, type: ValType, value: string, base: string, offset: number): void {
  const address = at(base, offset);
  switch (type.kind) {
    case "bool":
      e.line(`V.setUint8(${address}, ${value} ? 1 : 0);`);
      return;
    case "u8":
    case "s8":
      e.line(`V.setUint8(${address}, ${value});`);
      return;
    case "u16":
    case "s16":
      e.line(`V.setUint16(${address}, ${value}, true);`);
      return;
    case "u32":
    case "s32":
      e.line(`V.setUint32(${address}, ${value}, true);`);
      return;
    case "u64":
    case "s64":
      if (!e.shape.unboxed) e.line(`V.setBigUint64(${address}, ${bigint(e, value)}, true);`);
      else e.line(`${e.constant(storeWords)}(V, ${address}, ${value});`);
      return;
    case "f32":
    case "f64": {
      const number = e.temporary(value);
      e.line(
        `V.set${type.kind === "f32" ? "Float32" : "Float64"}(${address}, ${number} !== ${number} ? NaN : ${number}, true);`,
      );
      return;
    }
    case "char":
      e.line(`V.setUint32(${address}, ${e.constant(codeOf)}(${value}), true);`);
      return;
    case "string": {
      const ptr = lowerString(e, value);
      e.line(`V.setUint32(${address}, ${ptr}, true);`);
      e.line(`V.setUint32(${at(base, offset + 4)}, M.stringLength, true);`);
      return;
    }
    case "own":
    case "borrow":
      e.line(`V.setUint32(${address}, ${lowerHandle(e, type, value)}, true);`);
      return;
    case "stream":
    case "future":
      e.line(`V.setUint32(${address}, ${lowerEnd(e, type, value)}, true);`);
      return;
    case "error-context":
      e.line(`V.setUint32(${address}, ${lowerContext(e, value)}, true);`);
      return;
    case "flags": {
      const set = type.info.size === 1 ? "setUint8" : type.info.size === 2 ? "setUint16" : "setUint32";
      e.line(`V.${set}(${address}, ${lowerFlags(e, type.names, value)}, true);`);
      return;
    }
    case "list": {
      const items = e.temporary(value);
      if (type.length !== undefined) {
        e.line(`if (${items}.length !== ${type.length}) ${e.constant(badLength)}(${items}, ${type.length});`);
        storeElements(e, type.element, items, address, String(type.length));
        return;
      }
      const { ptr, length } = lowerList(e, type.element, items);
      e.line(`V.setUint32(${address}, ${ptr}, true);`);
      e.line(`V.setUint32(${at(base, offset + 4)}, ${length}, true);`);
      return;
    }
    default:
      if (type.info.weight > inlineWeight) {
        e.line(
          `${e.helper("store", type, ["value", "base", "V"], [value, address, "V"], () =>
            storeCompound(e, type, "value", "base", 0),
          )};`,
        );
        if (type.info.pointers) e.line("V = M.view();");
      } else {
        storeCompound(e, type, e.temporary(value), base, offset);
      }
  }
}

/** As `store`, where `value` is a name. */
function storeCompound(e: Emitter, type: ValType, value: string, base: string, offset: number): void {
  switch (type.kind) {
    case "record": {
      let next = offset;
      for (const field of type.fields) {
        const place = alignTo(next, field.type.info.align);
        next = place + field.type.info.size;
        store(e, field.type, `${value}[${property(camelCase(field.name))}]`, base, place);
      }
      return;
    }
    case "tuple": {
      let next = offset;
      type.types.forEach((item, i) => {
        const place = alignTo(next, item.info.align);
        next = place + item.info.size;
        store(e, item, `${value}[${i}]`, base, place);
      });
      return;
    }
    default: {
      const payloads = payloadsOf(type)!;
      const size = discriminantSize(payloads.length);
      const set = size === 1 ? "setUint8" : size === 2 ? "setUint16" : "setUint32";
      const place = offset + payloadOffset(payloads);
      if (type.kind === "enum") {
        e.line(`V.${set}(${at(base, offset)}, ${enumIndex(e, type.names, value)}, true);`);
        return;
      }
      eachCase(e, type, value, (index, payload, inner) => {
        e.line(`V.${set}(${at(base, offset)}, ${index}, true);`);
        if (payload !== undefined) store(e, payload, inner, base, place);
      });
    }
  }
}

/** Writes code that branches on the case of `value` (a name), which has a variant-like type. */
function eachCase(
  e: Emitter,
  type: ValType,
  value: string,
  body: (index: number, payload: ValType | undefined, value: string) => void,
): void {
  const payloads = payloadsOf(type)!;
  if (type.kind === "option" && !isNullable(type.type)) {
    e.line(`if (${value} === undefined || ${value} === null) {`);
    body(0, undefined, "");
    e.line("} else {");
    body(1, type.type, value);
    e.line("}");
    return;
  }
  const tags = tagsOf(type);
  e.line(`switch (${value}.tag) {`);
  payloads.forEach((payload, i) => {
    e.line(`case ${property(tags[i]!)}: {`);
    body(i, payload, `${value}.val`);
    e.line("break; }");
  });
  e.line(`default: ${e.constant(badTag)}(${value}, ${e.constant(tags)}); }`);
}

function enumIndex(e: Emitter, names: readonly string[], value: string): string {
  const indices = new Map(names.map((name, i) => [name, i]));
  const find = (name: string): number => {
    const index = indices.get(name);
    if (index === undefined)
      throw new TypeError(`"${name}" is not one of the cases of an enum: ${names.slice(0, 20).join(", ")}`);
    return index;
  };
  return `${e.constant(find)}(${value})`;
}

function lowerFlags(e: Emitter, names: readonly string[], value: string): string {
  const set = e.temporary(value);
  const items = names.map((name, i) => `(${set}[${property(camelCase(name))}] ? ${1 << i} : 0)`);
  return `(${items.join(" | ")})`;
}

/**
 * Returns `value` as a bigint, without a call where it is one already: calling BigInt costs more than the rest of a scalar call.
 */
function bigint(e: Emitter, value: string): string {
  const given = e.temporary(value);
  return `(typeof ${given} === "bigint" ? ${given} : BigInt(${given}))`;
}

/** Stores a u64 that an unboxed function returned as a number. */
function storeWords(view: DataView, address: number, value: number): void {
  view.setUint32(address, value === Infinity ? -1 : value, true);
  view.setUint32(address + 4, value === Infinity ? -1 : value / 2 ** 32, true);
}

function lowerString(e: Emitter, value: string): string {
  const ptr = e.temporary(`${e.constant(storeString[e.shape.encoding])}(M, String(${value}))`);
  e.line("V = M.view();");
  return ptr;
}

function lowerHandle(e: Emitter, type: ValType & { kind: "own" | "borrow" }, value: string): string {
  const name = e.bound(type.resource.root);
  const owner = e.shape.ownerOf(type.resource);
  const object = e.temporary(value);
  let representation = object;
  if (e.shape.convention === "host") {
    if (owner !== "host") {
      representation = e.temporary(`${name}.guestClass.${type.kind === "own" ? "take" : "borrow"}(${object})`);
    } else {
      e.line(`if (!(${object} instanceof ${e.hostClass(type.resource)})) ${e.constant(badResource)}(${name});`);
    }
  }
  if (type.kind === "own") return e.temporary(`S.handles.add(${name}, ${representation})`);
  // An instance sees its own resources as their representations.
  if (owner === "own") return representation;
  return e.temporary(`S.handles.addBorrow(${name}, ${representation}, scope)`);
}

function lowerEnd(e: Emitter, type: StreamOrFuture, value: string): string {
  const tasks = e.bound("tasks");
  return e.temporary(`${tasks}.ends.lower(${tasks}, ${e.constant(type)}, ${value})`);
}

function lowerContext(e: Emitter, value: string): string {
  return e.temporary(`${e.constant(lowerErrorContext)}(S, ${value})`);
}

/** Writes code that copies `items` (a name) into allocated memory. */
function lowerList(e: Emitter, element: ValType, items: string): { ptr: string; length: string } {
  const { size, align } = element.info;
  const { unboxed } = e.shape;
  const length = e.temporary(unboxed ? `typeof ${items} === "number" ? ${items} : ${items}.length` : `${items}.length`);
  e.line(`if (${length} * ${size} >= ${2 ** 28}) ${e.constant(tooLong)}();`);
  const ptr = e.temporary(`M.allocate(${length} * ${size}, ${align}, "list")`);
  e.line("V = M.view();");
  if (unboxed) {
    e.line(`if (typeof ${items} === "number") M.fill(${ptr}, ${e.bound("received")}, ${length});`);
    e.line(`else M.bytes().set(${items}, ${ptr});`);
  } else storeElements(e, element, items, ptr, length);
  return { ptr, length };
}

function storeElements(e: Emitter, element: ValType, items: string, start: string, count: string): void {
  const array = arrayTypes.get(element.kind);
  if (array === "Uint8Array") {
    e.line(`M.bytes().set(${items}, ${start});`);
    return;
  }
  const { size } = element.info;
  const call = e.helper("each", element, ["items", "start", "count", "V"], [items, start, count, "V"], () => {
    if (array !== undefined) {
      e.line(`if (items instanceof ${array}) {`);
      e.line(`new ${array}(V.buffer, start, count).set(items);`);
      e.line("return; }");
    }
    e.line("for (let i = 0, p = start; i < count; i++) {");
    store(e, element, "items[i]", "p", 0);
    e.line(`p += ${size}; }`);
  });
  e.line(`${call};`);
  if (element.info.pointers) e.line("V = M.view();");
}

/** Writes code that makes the core values of `value` (an expression). Returns their expressions. */
export function lowerFlat(e: Emitter, type: ValType, value: string): Flat[] {
  const one = (name: string, core: CoreType): Flat[] => [{ name, type: core }];
  switch (type.kind) {
    case "bool":
      return one(`${value} ? 1 : 0`, "i32");
    case "u8":
      return one(`${value} & 255`, "i32");
    case "s8":
      return one(`${value} << 24 >> 24`, "i32");
    case "u16":
      return one(`${value} & 65535`, "i32");
    case "s16":
      return one(`${value} << 16 >> 16`, "i32");
    case "u32":
    case "s32":
      return one(`${value} | 0`, "i32");
    case "u64":
    case "s64":
      return one(bigint(e, value), "i64");
    case "f32":
    case "f64":
      return one(`+${value}`, type.kind);
    case "char":
      return one(e.temporary(`${e.constant(codeOf)}(${value})`), "i32");
    case "string": {
      const ptr = lowerString(e, value);
      return [...one(ptr, "i32"), ...one(e.temporary("M.stringLength | 0"), "i32")];
    }
    case "own":
    case "borrow":
      return one(lowerHandle(e, type, value), "i32");
    case "stream":
    case "future":
      return one(lowerEnd(e, type, value), "i32");
    case "error-context":
      return one(lowerContext(e, value), "i32");
    case "flags":
      return one(e.temporary(lowerFlags(e, type.names, value)), "i32");
    case "enum":
      return one(e.temporary(enumIndex(e, type.names, value)), "i32");
    case "list": {
      const items = e.temporary(value);
      if (type.length !== undefined) {
        e.line(`if (${items}.length !== ${type.length}) ${e.constant(badLength)}(${items}, ${type.length});`);
        return Array.from({ length: type.length }, (_, i) => lowerFlat(e, type.element, `${items}[${i}]`)).flat();
      }
      const { ptr, length } = lowerList(e, type.element, items);
      return [...one(ptr, "i32"), ...one(length, "i32")];
    }
    case "record": {
      const fields = e.temporary(value);
      return type.fields.flatMap((field) => lowerFlat(e, field.type, `${fields}[${property(camelCase(field.name))}]`));
    }
    case "tuple": {
      const items = e.temporary(value);
      return type.types.flatMap((item, i) => lowerFlat(e, item, `${items}[${i}]`));
    }
    default: {
      const union = e.temporary(value);
      const flat = type.info.flat!.map((core): Flat => ({ name: e.name(), type: core }));
      e.line(`let ${flat.map((item) => `${item.name} = ${item.type === "i64" ? "0n" : "0"}`).join(", ")};`);
      eachCase(e, type, union, (index, payload, inner) => {
        e.line(`${flat[0]!.name} = ${index};`);
        if (payload === undefined) return;
        lowerFlat(e, payload, inner).forEach((item, i) => {
          const target = flat[i + 1]!;
          e.line(`${target.name} = ${widen(e, item, target.type)};`);
        });
      });
      return flat;
    }
  }
}

/** Returns a core value of one case, converted to the type that all cases of a variant share. */
function widen(e: Emitter, { name, type }: Flat, want: CoreType): string {
  if (type === want) return name;
  if (type === "f64") return `${e.constant(bits.i64FromF64)}(${name})`;
  const low = type === "f32" ? `${e.constant(bits.i32FromF32)}(${name})` : name;
  return want === "i64" ? `BigInt(${low})` : low;
}
