import type { GrowingBody } from "../code-state.ts";
import { readLimits } from "../core-types.ts";
import { spacesOf } from "../index-spaces.ts";
import type { Reader } from "../reader.ts";
import {
  CODE_SECTION,
  FUNCTION_SECTION,
  GLOBAL_SECTION,
  MEMORY_SECTION,
  sectionsOf,
  TYPE_SECTION,
} from "../sections.ts";
import { leb128, signedLeb128 } from "../writer.ts";
import { appended, type Edit, editSections, lengthened } from "./section-edits.ts";

const I32 = 0x7f;

/** i32.const of the most pages that a memory can have. */
const CONST_MAX_PAGES = [0x41, ...signedLeb128(65_536)];

/**
 * Returns the module with a memory that seems to have as many pages as its guest has asked for, while it may have more. The number
 * of pages that the guest sees is kept in a global. No engine lets a memory shrink, so in an instance that has served earlier
 * guests the memory is as large as the largest of them made it. Accesses beyond the visible size read zeros and do not trap.
 *
 * @param growing From code-state.ts, of the same bytes
 * @returns undefined if the module defines no memory, or has others beside it
 * @throws ParseError
 */
export function withOversizedMemory(
  bytes: Uint8Array<ArrayBuffer>,
  growing: readonly GrowingBody[],
): Uint8Array<ArrayBuffer> | undefined {
  const { types, functions, globals, memories } = spacesOf(bytes);
  const pages = ownPages(bytes);
  if (pages === undefined || memories.length !== 1 || memories[0]!.is64) return undefined;
  const global = leb128(globals);
  const call = [0x10, ...leb128(functions)];
  const grow = grower(global);
  const edits = new Map<number, (content: Reader) => Edit[]>([
    [TYPE_SECTION, (content) => appended(content, [[0x60, 1, I32, 1, I32]])],
    [FUNCTION_SECTION, (content) => appended(content, [leb128(types)])],
    [GLOBAL_SECTION, (content) => appended(content, [[I32, 1, 0x41, ...signedLeb128(pages), 0x0b]])],
    [
      CODE_SECTION,
      (content) => [
        ...appended(content, [[...leb128(grow.length), ...grow]]),
        ...growing.flatMap(({ start, locals, end, places }) => {
          const changed = places.map(
            ({ start, end, grows }): Edit => ({ start, end, by: grows ? call : [0x23, ...global] }),
          );
          return [{ start, end: locals, by: leb128(end - locals + lengthened(changed)) }, ...changed];
        }),
      ],
    ],
  ]);
  return editSections(bytes, edits);
}

/** Returns the initial size of the memory that the module defines, pages; undefined if there is none, or several. */
function ownPages(bytes: Uint8Array<ArrayBuffer>): number | undefined {
  for (const { id, content } of sectionsOf(bytes))
    if (id === MEMORY_SECTION) return content.count("memory") === 1 ? readLimits(content).limits.min : undefined;
  return undefined;
}

/**
 *     (func (param $by i32) (result i32) (local $pages i32)
 *       (if (i32.gt_u (local.get $by) (i32.const 65536)) (then (return (memory.grow (local.get $by)))))
 *       (local.set $pages (i32.add (global.get $pages) (local.get $by)))
 *       (if (i32.gt_u (local.get $pages) (memory.size))
 *         (then (if (i32.eq (memory.grow (i32.sub (local.get $pages) (memory.size))) (i32.const -1))
 *           (then (return (i32.const -1))))))
 *       (global.get $pages)
 *       (global.set $pages (local.get $pages)))
 */
function grower(global: readonly number[]): number[] {
  const fail = [0x41, 0x7f, 0x0f, 0x0b]; // i32.const -1, return, end
  return [
    ...[1, 1, I32],
    ...[0x20, 0, ...CONST_MAX_PAGES, 0x4b, 0x04, 0x40, 0x20, 0, 0x40, 0, 0x0f, 0x0b],
    ...[0x23, ...global, 0x20, 0, 0x6a, 0x21, 1],
    ...[0x20, 1, 0x3f, 0, 0x4b, 0x04, 0x40],
    ...[0x20, 1, 0x3f, 0, 0x6b, 0x40, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, ...fail, 0x0b],
    ...[0x23, ...global, 0x20, 1, 0x24, ...global, 0x0b],
  ];
}
