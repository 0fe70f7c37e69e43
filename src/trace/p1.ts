/** Traces core modules: decodes the numbers that their wasip1 calls pass (wasi/p1/abi/signatures.ts). */
import type { Waiting } from "../core/wait/waiting.ts";
import { errno } from "../wasi/p1/abi/errno.ts";
import { iovec, type Layout, preview1Layout, unstableLayout } from "../wasi/p1/abi/layout.ts";
import type { Preview1Memory } from "../wasi/p1/abi/memory.ts";
import { mayWait, parametersOf } from "../wasi/p1/abi/signatures.ts";
import type { Preview1Function } from "../wasi/p1/context.ts";
import type { Preview1Imports } from "../wasi/p1/imports.ts";
import { wrapFunctions } from "../wasi/p1/wrap-functions.ts";
import { guestLane } from "./handles.ts";
import { integer, type Shown, ShownBytes, Word } from "./shown.ts";
import type { Tracer } from "./tracer.ts";

const errnoNames = Object.keys(errno);

/** Returns what is shown of a parameter; undefined if only the result shows it. */
type Take = (rest: (number | bigint)[], memory: Preview1Memory) => Shown | undefined;

export function tracedModule(tracer: Tracer, made: Preview1Imports): Preview1Imports {
  return wrapFunctions(made, (call, name, module) => {
    const layout = module === unstableLayout.module ? unstableLayout : preview1Layout;
    return traceFunction(tracer, layout, name, call, made.memory);
  });
}

function traceFunction(
  tracer: Tracer,
  layout: Layout,
  name: string,
  call: Preview1Function,
  memory: Preview1Memory,
): Preview1Function {
  if (!tracer.shows([name.split("_")[0]!, name, layout.module])) return call;
  const takes = parametersOf(name).map(([param, kind]) => [param, taking(kind, layout), kind] as const);
  return (...given) => {
    const rest: (number | bigint)[] = [...given];
    const args: Record<string, Shown> = {};
    const answers: [string, () => Shown][] = [];
    for (const [param, take, kind] of takes) {
      const [pointer = 0] = rest;
      const shown = take(rest, memory);
      if (shown !== undefined) args[param] = shown;
      else if (kind !== "*") answers.push([param, () => answered(memory, Number(pointer), kind)]);
    }
    const begun = {
      instance: layout.module,
      name,
      args,
      lane: guestLane,
      mayWait: mayWait(name),
      start: tracer.now,
    };
    return tracer.run(begun, () => call(...given), {
      ok: (code) => {
        if (code !== 0) return new Word(errnoNames[Number(code)] ?? String(code));
        return answers.length === 0 ? undefined : Object.fromEntries(answers.map(([param, show]) => [param, show()]));
      },
      err: () => undefined,
    }) as Waiting<number>;
  };
}

function taking(kind: string, layout: Layout): Take {
  switch (kind) {
    case "path":
      return (rest, memory) => {
        const [pointer, length] = rest.splice(0, 2).map(unsigned);
        const bytes = piece(memory, pointer!, length!);
        return bytes === undefined ? new Word("?") : new TextDecoder().decode(bytes);
      };
    case "ciovs":
    case "iovs":
      return (rest, memory) => {
        const [list, count] = rest.splice(0, 2).map(unsigned);
        return vectors(memory, list!, count!, kind === "ciovs");
      };
    case "subscriptions":
      return (rest, memory) => {
        const [list, , count] = rest.splice(0, 3).map(unsigned);
        return subscriptions(memory, list!, count!, layout.subscription);
      };
    case "*u32":
    case "*u64":
    case "*":
      return (rest) => {
        rest.shift();
        return undefined;
      };
    default:
      return (rest) => integer(rest.shift()!);
  }
}

function unsigned(value: number | bigint): number {
  return Number(value) >>> 0;
}

/** Returns a range of the guest's memory; undefined if it is out of bounds, which the function itself will report. */
function piece(memory: Preview1Memory, pointer: number, length: number): Uint8Array | undefined {
  const { bytes } = memory;
  return pointer + length <= bytes.length ? bytes.subarray(pointer, pointer + length) : undefined;
}

function words(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Shows buffers: their total number of bytes and, with `shows`, the first of these. */
function vectors(memory: Preview1Memory, list: number, count: number, shows: boolean): Shown {
  const bytes = piece(memory, list, count * iovec.size);
  if (bytes === undefined || count === 0) return new Word(bytes === undefined ? "?" : "0 bytes");
  const view = words(bytes);
  let total = 0;
  let first: Uint8Array | undefined;
  for (let at = 0; at < bytes.length; at += iovec.size) {
    const length = view.getUint32(at + iovec.bufLen, true);
    total += length;
    if (length > 0) first ??= piece(memory, view.getUint32(at + iovec.buf, true), Math.min(length, 64));
  }
  return shows && first !== undefined ? new ShownBytes(first.slice(), total) : new Word(`${total} bytes`);
}

function subscriptions(memory: Preview1Memory, list: number, count: number, layout: Layout["subscription"]): Shown {
  const bytes = piece(memory, list, count * layout.size);
  if (bytes === undefined) return new Word("?");
  const view = words(bytes);
  return Array.from({ length: count }, (_, i): Shown => {
    const at = i * layout.size;
    const tag = view.getUint8(at + layout.tag);
    if (tag === 0) return new Word(`clock ${view.getBigUint64(at + layout.timeout, true)} ns`);
    return new Word(`${tag === 1 ? "read" : "write"} ${view.getUint32(at + layout.fd, true)}`);
  });
}

function answered(memory: Preview1Memory, pointer: number, kind: string): Shown {
  const bytes = piece(memory, pointer >>> 0, kind === "*u64" ? 8 : 4);
  if (bytes === undefined) return new Word("?");
  return integer(kind === "*u64" ? words(bytes).getBigUint64(0, true) : words(bytes).getUint32(0, true));
}
