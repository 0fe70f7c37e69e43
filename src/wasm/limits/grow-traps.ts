/**
 * Makes growth that fails a trap (wasmtime's -W trap-on-grow-failure), where engines return -1. Each `memory.grow` and `table.grow`
 * becomes a call of a function that is appended to the module. It records the requested size in globals before it traps.
 */
import { bodiesOf } from "../code-section.ts";
import { appended, type Edit, editSections, foundPrefix, lengthened, ownPrefix } from "../edit/section-edits.ts";
import { type Spaces, spacesOf } from "../index-spaces.ts";
import { MEMORY_GROW, readInstruction, TABLE_GROW } from "../instructions.ts";
import { Reader } from "../reader.ts";
import {
  CODE_SECTION,
  EXPORT_SECTION,
  FUNCTION_SECTION,
  GLOBAL_SECTION,
  sectionsOf,
  TYPE_SECTION,
} from "../sections.ts";
import { encodeName, leb128 } from "../writer.ts";

/**
 * The number of globals, mutable i64: for memories the pages before and the pages requested on top, for tables the same in
 * elements.
 */
const GLOBALS = 4;
const global = [0x7e, 1, 0x42, 0, 0x0b];

/** The beginning of the names of the exported globals. Apostrophes make it unique in the module, and a number follows. */
const EXPORT = "pollux.grow";

/** Returns the module with failures to grow as traps; the same bytes if nothing grows. @throws ParseError */
export function trapOnGrowFailure(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const code = [...sectionsOf(bytes)].find(({ id }) => id === CODE_SECTION)?.content;
  if (code === undefined) return bytes;
  const spaces = spacesOf(bytes);
  /** The appended functions, by the instruction and place that they replace. */
  const growers = new Map<string, { readonly index: number; readonly type: number[]; readonly body: number[] }>();
  const grower = (instruction: number, place: number): number => {
    const key = `${instruction} ${place}`;
    const known = growers.get(key);
    if (known !== undefined) return known.index;
    const index = spaces.functions + growers.size;
    const made = instruction === MEMORY_GROW ? memoryGrower(spaces, place) : tableGrower(spaces, place);
    growers.set(key, { index, ...made });
    return index;
  };
  const calls = codeEdits(code, grower);
  if (growers.size === 0) return bytes;
  const added = [...growers.values()];
  const types = added.map(({ type }) => type);
  const functions = added.map((_, i) => leb128(spaces.types + i));
  const globals = Array.from({ length: GLOBALS }, () => global);
  const bodies = added.map(({ body }) => [...leb128(body.length), ...body]);
  const edits = new Map<number, (content: Reader) => Edit[]>([
    [TYPE_SECTION, (content) => appended(content, types)],
    [FUNCTION_SECTION, (content) => appended(content, functions)],
    [GLOBAL_SECTION, (content) => appended(content, globals)],
    [EXPORT_SECTION, (content) => appended(content, globalExports(content, spaces.globals))],
    [CODE_SECTION, (content) => [...appended(content, bodies), ...calls]],
  ]);
  return editSections(bytes, edits);
}

/** Returns wasmtime's message for the growth that failed, from the globals of an instance; undefined if none did. */
export function grownTooFar(exports: WebAssembly.Exports): string | undefined {
  const prefix = foundPrefix(exports, EXPORT, "0");
  if (prefix === undefined) return undefined;
  const [pages, morePages, elements, moreElements] = Array.from({ length: GLOBALS }, (_, i) => {
    const exported = exports[`${prefix}${i}`];
    return exported instanceof WebAssembly.Global ? BigInt.asUintN(64, exported.value as bigint) : 0n;
  }) as [bigint, bigint, bigint, bigint];
  if (morePages > 0n) return `forcing trap when growing memory to ${saturated((pages + morePages) * PAGE, PAGE)} bytes`;
  if (moreElements > 0n) return `forcing trap when growing table to ${saturated(elements + moreElements, 1n)} elements`;
  return undefined;
}

const PAGE = 65536n;

/** Returns the value, limited to the largest multiple of `unit` that fits in 64 bits. */
function saturated(value: bigint, unit: bigint): bigint {
  const most = 2n ** 64n - unit;
  return value > most ? most : value;
}

/** Returns the edits that replace instructions that grow by calls, and adapt the sizes of the bodies. */
function codeEdits(content: Reader, grower: (instruction: number, place: number) => number): Edit[] {
  const edits: Edit[] = [];
  for (const { start, locals, code } of bodiesOf(new Reader(content.bytes, content.pos, content.end))) {
    const calls: Edit[] = [];
    while (!code.atEnd) {
      const at = code.pos;
      const instruction = readInstruction(code);
      if (instruction !== MEMORY_GROW && instruction !== TABLE_GROW) continue;
      const place = new Reader(content.bytes, at + 1, code.pos);
      if (instruction === TABLE_GROW) place.u32();
      calls.push({ start: at, end: code.pos, by: [0x10, ...leb128(grower(instruction, place.u32()))] });
    }
    if (calls.length === 0) continue;
    edits.push({ start, end: locals, by: leb128(code.end - locals + lengthened(calls)) }, ...calls);
  }
  return edits;
}

function globalExports(content: Reader, first: number): number[][] {
  const own = ownPrefix(content, EXPORT);
  return Array.from({ length: GLOBALS }, (_, i) => [...encodeName(`${own}${i}`), 3, ...leb128(first + i)]);
}

const I32 = 0x7f;
const I64 = 0x7e;

/** Code that pushes a parameter as a u64: an i32 is extended. */
function unsigned(is64: boolean): number[] {
  return is64 ? [] : [0xad];
}

function memoryGrower({ memories, globals }: Spaces, memory: number): { type: number[]; body: number[] } {
  const { is64 = false } = memories[memory] ?? {};
  const index = is64 ? I64 : I32;
  const place = leb128(memory);
  return {
    type: [0x60, 1, index, 1, index],
    body: body(is64, 1, [0x20, 0, MEMORY_GROW, ...place], [0x3f, ...place], globals),
  };
}

function tableGrower({ tables, globals }: Spaces, table: number): { type: number[]; body: number[] } {
  const { is64 = false, element = [] } = tables[table] ?? {};
  const index = is64 ? I64 : I32;
  const place = leb128(table);
  return {
    type: [0x60, 2, ...element, index, 1, index],
    body: body(is64, 2, [0x20, 0, 0x20, 1, 0xfc, 15, ...place], [0xfc, 16, ...place], globals + 2),
  };
}

/**
 * The body of a function that grows and returns the result, unless that is -1. Then it records the size and the requested growth,
 * its last parameter, and traps.
 */
function body(
  is64: boolean,
  params: number,
  grow: readonly number[],
  size: readonly number[],
  global: number,
): number[] {
  const index = is64 ? I64 : I32;
  const [minusOne, differs] = is64 ? [0x42, 0x52] : [0x41, 0x47];
  return [
    ...[1, 1, index], // a local
    ...grow,
    ...[0x22, params, minusOne, 0x7f, differs], // local.tee, const -1, ne
    ...[0x04, index, 0x20, params, 0x05], // if, local.get, else
    ...[...size, ...unsigned(is64), 0x24, ...leb128(global)],
    ...[0x20, params - 1, ...unsigned(is64), 0x24, ...leb128(global + 1)],
    ...[0x00, 0x0b, 0x0b], // unreachable, end, end
  ];
}
