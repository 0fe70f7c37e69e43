import { fromI64, fromWords } from "../../core/wait/deadline.ts";
import { Trap } from "../../core/wait/errors.ts";
import { invalidChar, invalidDiscriminant } from "../instance/faults.ts";
import type { Handle, HandleBudget } from "../instance/handles.ts";
import { alignTo, discriminantSize, payloadOffset, payloadsOf } from "../types/layout.ts";
import { camelCase } from "../types/names.ts";
import type { CoreType, Named, StreamOrFuture, ValType } from "../types/types.ts";
import { badDiscriminant, bits, type Emitter, property } from "./emitter.ts";
import { liftErrorContext } from "./error-context.ts";
import { elementFuel } from "./fuel.ts";
import { loadString } from "./strings.ts";

/** The weight above which a type gets a function of its own, so that the code does not grow with each use. */
const inlineWeight = 24;

/** The typed arrays that represent lists of numbers in JS. */
export const arrayTypes: ReadonlyMap<string, string> = new Map([
  ["u8", "Uint8Array"],
  ["s8", "Int8Array"],
  ["u16", "Uint16Array"],
  ["s16", "Int16Array"],
  ["u32", "Uint32Array"],
  ["s32", "Int32Array"],
  ["u64", "BigUint64Array"],
  ["s64", "BigInt64Array"],
  ["f32", "Float32Array"],
  ["f64", "Float64Array"],
]);

function at(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** Writes code that reads a value of `type` at `base + offset`, which have been checked. Returns an expression. */
export function load(e: Emitter, type: ValType, base: string, offset: number): string {
  const address = at(base, offset);
  switch (type.kind) {
    case "bool":
      return `V.getUint8(${address}) !== 0`;
    case "u8":
      return `V.getUint8(${address})`;
    case "s8":
      return `V.getInt8(${address})`;
    case "u16":
      return `V.getUint16(${address}, true)`;
    case "s16":
      return `V.getInt16(${address}, true)`;
    case "u32":
      return `V.getUint32(${address}, true)`;
    case "s32":
      return `V.getInt32(${address}, true)`;
    case "u64":
      return !e.shape.unboxed
        ? `V.getBigUint64(${address}, true)`
        : `${e.constant(fromWords)}(V.getUint32(${address}, true), V.getUint32(${at(base, offset + 4)}, true))`;
    case "s64":
      return `V.getBigInt64(${address}, true)`;
    case "f32":
      return `V.getFloat32(${address}, true)`;
    case "f64":
      return `V.getFloat64(${address}, true)`;
    case "char":
      return liftChar(e, `V.getInt32(${address}, true)`);
    case "string":
      return liftString(e, `V.getInt32(${address}, true)`, `V.getInt32(${at(base, offset + 4)}, true)`);
    case "own":
    case "borrow":
      return liftHandle(e, type, `V.getInt32(${address}, true)`);
    case "stream":
    case "future":
      return liftEnd(e, type, `V.getInt32(${address}, true)`);
    case "error-context":
      return liftContext(e, `V.getInt32(${address}, true)`);
    case "flags": {
      const get = type.info.size === 1 ? "getUint8" : type.info.size === 2 ? "getUint16" : "getInt32";
      return liftFlags(e, type.names, `V.${get}(${address}, true)`);
    }
    case "list":
      return type.length === undefined
        ? liftList(e, type.element, `V.getInt32(${address}, true)`, `V.getInt32(${at(base, offset + 4)}, true)`)
        : loadElements(e, type.element, address, String(type.length));
    default:
      if (type.info.weight > inlineWeight) {
        return e.temporary(
          e.helper("load", type, ["base", "V"], [address, "V"], () => {
            e.line(`return ${loadCompound(e, type, "base", 0)};`);
          }),
        );
      }
      return loadCompound(e, type, base, offset);
  }
}

function loadCompound(e: Emitter, type: ValType, base: string, offset: number): string {
  switch (type.kind) {
    case "record":
      return loadRecord(e, type.fields, base, offset);
    case "tuple": {
      let next = offset;
      const items = type.types.map((item) => {
        const place = alignTo(next, item.info.align);
        next = place + item.info.size;
        return e.temporary(load(e, item, base, place));
      });
      return `[${items.join(", ")}]`;
    }
    default: {
      const payloads = payloadsOf(type)!;
      const size = discriminantSize(payloads.length);
      const get = size === 1 ? "getUint8" : size === 2 ? "getUint16" : "getUint32";
      const place = offset + payloadOffset(payloads);
      return liftUnion(e, type, `V.${get}(${at(base, offset)}, true)`, (payload) => load(e, payload, base, place));
    }
  }
}

function loadRecord(e: Emitter, fields: readonly Named[], base: string, offset: number): string {
  let next = offset;
  const items = fields.map(({ name, type }) => {
    const place = alignTo(next, type.info.align);
    next = place + type.info.size;
    return `${property(camelCase(name))}: ${e.temporary(load(e, type, base, place))}`;
  });
  return `{ ${items.join(", ")} }`;
}

/** Writes code that reads a value of a variant-like type with the given `discriminant`. `payload` reads the payload of a case. */
function liftUnion(
  e: Emitter,
  type: ValType,
  discriminant: string,
  payload: (type: ValType, index: number) => string,
): string {
  const payloads = payloadsOf(type)!;
  const tag = e.temporary(discriminant);
  const bad =
    e.shape.convention === "host"
      ? `${e.constant(badDiscriminant)}("${type.kind}", ${tag});`
      : `${e.constant(invalidDiscriminant)}();`;
  if (type.kind === "enum") {
    e.line(`if (${tag} >>> 0 >= ${payloads.length}) ${bad}`);
    return `${e.constant(type.names)}[${tag}]`;
  }
  const value = e.name();
  e.line(`let ${value};`);
  e.line(`switch (${tag}) {`);
  payloads.forEach((item, i) => {
    e.line(`case ${i}: {`);
    const inner = item === undefined ? undefined : payload(item, i);
    e.line(`${value} = ${unionCase(type, i, inner)};`);
    e.line("break; }");
  });
  e.line(`default: ${bad} }`);
  return value;
}

/** Returns the JS value for a case of a variant-like type. */
function unionCase(type: ValType, index: number, payload: string | undefined): string {
  if (type.kind === "option") {
    if (!isNullable(type.type)) return index === 0 ? "undefined" : payload!;
    return index === 0 ? '{ tag: "none" }' : `{ tag: "some", val: ${payload} }`;
  }
  const tag = type.kind === "result" ? ["ok", "err"][index] : type.kind === "variant" ? type.cases[index]!.name : "";
  return `{ tag: ${property(tag ?? "")}, val: ${payload} }`;
}

/** Whether `undefined` is a value of the type in JS. An option of such a type needs a tag. */
export function isNullable(type: ValType): boolean {
  return type.kind === "option" && !isNullable(type.type);
}

function liftChar(e: Emitter, value: string): string {
  return e.temporary(
    `${e.constant(charOf)}(${value}, ${e.constant(e.shape.convention === "host" ? badChar : invalidChar)})`,
  );
}

function charOf(value: number, bad: () => never): string {
  const code = value >>> 0;
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) bad();
  return String.fromCodePoint(code);
}

function badChar(): never {
  throw new Trap("converted integer out of range for `char`");
}

function liftString(e: Emitter, ptr: string, length: string): string {
  return e.temporary(`${e.constant(loadString[e.shape.encoding])}(M, ${ptr}, ${length})`);
}

function liftFlags(e: Emitter, names: readonly string[], value: string): string {
  const bitset = e.temporary(value);
  const items = names.map((name, i) => `${property(camelCase(name))}: (${bitset} & ${1 << i}) !== 0`);
  return `{ ${items.join(", ")} }`;
}

function liftHandle(e: Emitter, type: ValType & { kind: "own" | "borrow" }, index: string): string {
  const name = e.bound(type.resource.root);
  const handle = e.temporary(index);
  const wraps = e.shape.convention === "host" && e.shape.ownerOf(type.resource) !== "host";
  if (type.kind === "own") {
    const taken = e.temporary(`S.handles.takeOwn(${handle}, ${name})`);
    return wraps ? e.temporary(`${name}.guestClass.wrap(${taken}, true)`) : taken;
  }
  const found = e.temporary(`S.handles.slots[${handle}]`);
  e.line(`if (${found} === undefined || ${found}.resource !== ${name}) S.handles.fail(${handle});`);
  if (e.shape.countLends) {
    e.line(`${e.constant(lend)}(lent, ${found}, S.handles.budget);`);
  }
  return wraps ? e.temporary(`${name}.guestClass.wrap(${found}.representation, false)`) : `${found}.representation`;
}

function lend(lent: Handle[], handle: Handle, budget: HandleBudget): void {
  handle.lends++;
  if (lent.push(handle) > budget.lendable) throw new Trap("cannot lend resource: store handle limit exceeded");
}

function liftEnd(e: Emitter, type: StreamOrFuture, index: string): string {
  const tasks = e.bound("tasks");
  return e.temporary(`${tasks}.ends.lift(${tasks}, ${e.constant(type)}, ${index})`);
}

function liftContext(e: Emitter, index: string): string {
  return e.temporary(`${e.constant(liftErrorContext)}(S, ${index})`);
}

function liftList(e: Emitter, element: ValType, ptr: string, length: string): string {
  const { size, align } = element.info;
  const count = e.temporary(`${length} >>> 0`);
  const times = (bytes: number) => (bytes === 1 ? count : `${count} * ${bytes}`);
  const fuel = e.shape.convention === "host" ? elementFuel(element) : size;
  const start = e.temporary(`M.checkList(${ptr}, ${times(size)}, ${align}${fuel === size ? "" : `, ${times(fuel)}`})`);
  return loadElements(e, element, start, count);
}

function loadElements(e: Emitter, element: ValType, start: string, count: string): string {
  const array = arrayTypes.get(element.kind);
  if (array === "Uint8Array") {
    if (e.shape.unboxed) return `M.bytes(), ${start}, ${start} + ${count}`;
    return e.temporary(`M.bytes().slice(${start}, ${start} + ${count})`);
  }
  // `slice` copies, so alignment in the guest's memory does not matter
  if (array !== undefined) return e.temporary(`new ${array}(V.buffer, ${start}, ${count}).slice()`);
  const { size } = element.info;
  return e.temporary(
    e.helper("elements", element, ["start", "count", "V"], [start, count, "V"], () => {
      e.line("const items = [];");
      e.line("for (let i = 0, p = start; i < count; i++) {");
      e.line(`items.push(${load(e, element, "p", 0)});`);
      e.line(`p += ${size}; }`);
      e.line("return items;");
    }),
  );
}

export interface Flat {
  readonly name: string;
  readonly type: CoreType;
}

/** Writes code that makes a value of `type` from core values, which it takes from the front of `flat`. Returns an expression. */
export function liftFlat(e: Emitter, type: ValType, flat: Flat[]): string {
  const next = (want: CoreType): string => coerce(e, flat.shift()!, want);
  switch (type.kind) {
    case "bool":
      return `${next("i32")} !== 0`;
    case "u8":
      return `${next("i32")} & 255`;
    case "s8":
      return `${next("i32")} << 24 >> 24`;
    case "u16":
      return `${next("i32")} & 65535`;
    case "s16":
      return `${next("i32")} << 16 >> 16`;
    case "u32":
      return `${next("i32")} >>> 0`;
    case "s32":
      return `${next("i32")} | 0`;
    case "u64":
      return !e.shape.unboxed ? `BigInt.asUintN(64, ${next("i64")})` : `${e.constant(fromI64)}(${next("i64")})`;
    case "s64":
      return `BigInt.asIntN(64, ${next("i64")})`;
    case "f32":
      return next("f32");
    case "f64":
      return next("f64");
    case "char":
      return liftChar(e, next("i32"));
    case "string": {
      const ptr = next("i32");
      return liftString(e, ptr, next("i32"));
    }
    case "own":
    case "borrow":
      return liftHandle(e, type, next("i32"));
    case "stream":
    case "future":
      return liftEnd(e, type, next("i32"));
    case "error-context":
      return liftContext(e, next("i32"));
    case "flags":
      return liftFlags(e, type.names, next("i32"));
    case "list": {
      if (type.length !== undefined) {
        const items = Array.from({ length: type.length }, () => e.temporary(liftFlat(e, type.element, flat)));
        const array = arrayTypes.get(type.element.kind);
        return array === undefined ? `[${items.join(", ")}]` : `${array}.of(${items.join(", ")})`;
      }
      const ptr = next("i32");
      return liftList(e, type.element, ptr, next("i32"));
    }
    case "record":
      return `{ ${type.fields
        .map((field) => `${property(camelCase(field.name))}: ${e.temporary(liftFlat(e, field.type, flat))}`)
        .join(", ")} }`;
    case "tuple":
      return `[${type.types.map((item) => e.temporary(liftFlat(e, item, flat))).join(", ")}]`;
    default: {
      const tag = next("i32");
      const own = type.info.flat!.slice(1);
      const joined = flat.splice(0, own.length).map((item, i) => ({ name: coerce(e, item, own[i]!), type: own[i]! }));
      return liftUnion(e, type, tag, (payload) => liftFlat(e, payload, [...joined]));
    }
  }
}

/** Returns a variant's core value, converted to the type that one case has in its place. */
function coerce(e: Emitter, { name, type }: Flat, want: CoreType): string {
  if (type === want) return name;
  if (type === "i32") return `${e.constant(bits.f32FromI32)}(${name})`;
  if (want === "f64") return `${e.constant(bits.f64FromI64)}(${name})`;
  const low = `Number(BigInt.asIntN(32, ${name}))`;
  return want === "f32" ? `${e.constant(bits.f32FromI32)}(${low})` : low;
}

/** Writes code that makes the result of a lifted function from the core value `returned`. Returns an expression. */
export function liftResult(e: Emitter, result: ValType): string {
  const { flat, size, align } = result.info;
  if (flat === undefined || flat.length > 1)
    return load(e, result, e.temporary(`M.check(returned, ${size}, ${align})`), 0);
  return liftFlat(
    e,
    result,
    flat.map((type) => ({ name: "returned", type })),
  );
}
