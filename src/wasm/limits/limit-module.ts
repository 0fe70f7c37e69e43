/**
 * Limits the growth of a core module's memories and tables. Engines have no such limits, but they enforce the maxima that a module
 * declares. So those are lowered in the binary before it is compiled. Garbage-collected objects have no maximum: a module that uses
 * any is refused where memory is limited.
 */

import { readTable } from "../core-module.ts";
import { readLimits, skipValueType } from "../core-types.ts";
import { LimitError } from "../errors.ts";
import { Reader } from "../reader.ts";
import { MEMORY_SECTION, sectionsOf, TABLE_SECTION } from "../sections.ts";
import { EditedCopy, leb128, section } from "../writer.ts";
import { usesCollectedHeap } from "./heap-use.ts";

export interface ModuleLimits {
  /** The most bytes that each memory may have. With it, modules that use garbage-collected objects are refused. */
  readonly memorySize?: number;
  /** The most elements that each table may have. */
  readonly tableElements?: number;
  /**
   * Whether a failure to grow ends the guest (grow-traps.ts). It is then also the error for a module whose initial size is too
   * large.
   */
  readonly trapOnGrowFailure?: boolean;
}

const UNLIMITED =
  "the module has garbage-collected objects, whose memory the engine does not limit: it cannot run with a limit of memory";

/**
 * Returns the module with maxima of at most `limits`; the same bytes if nothing had to change.
 *
 * @throws LimitError
 */
export function limitModule(bytes: Uint8Array<ArrayBuffer>, limits: ModuleLimits): Uint8Array<ArrayBuffer> {
  const { memorySize, tableElements, trapOnGrowFailure = false } = limits;
  if (memorySize === undefined && tableElements === undefined) return bytes;
  if (memorySize !== undefined && usesCollectedHeap(bytes)) throw new LimitError(UNLIMITED);
  const out = new EditedCopy(bytes);
  for (const { id, start, content } of sectionsOf(bytes)) {
    const lowered = new EditedCopy(bytes, content.pos);
    if (id === MEMORY_SECTION && memorySize !== undefined) {
      for (let left = content.count("memory"); left > 0; left--)
        lowerMemory(content, memorySize, trapOnGrowFailure, lowered);
    } else if (id === TABLE_SECTION && tableElements !== undefined) {
      for (let left = content.count("table"); left > 0; left--)
        readTable(content, () => lowerTable(content, tableElements, trapOnGrowFailure, lowered));
    }
    if (lowered.changed) out.replace(start, content.end, section(id, lowered.finish(content.end)));
  }
  return out.changed ? out.finish(bytes.length) : bytes;
}

function lowerMemory(section: Reader, most: number, traps: boolean, out: EditedCopy): void {
  const start = section.pos;
  const { limits, pageSize } = readLimits(section);
  const pages = Math.floor(most / pageSize);
  if (limits.min > pages) {
    throw new LimitError(
      traps
        ? `forcing trap when growing memory to ${limits.min * pageSize} bytes`
        : `memory minimum size of ${limits.min} pages exceeds memory limits`,
    );
  }
  const addressable = (limits.is64 ? 2 ** 64 : 2 ** 32) / pageSize;
  lowerMaximum(section, start, Math.min(pages, addressable), out);
}

function lowerTable(section: Reader, most: number, traps: boolean, out: EditedCopy): void {
  skipValueType(section);
  const start = section.pos;
  const { limits } = readLimits(section);
  if (limits.min > most) {
    throw new LimitError(
      traps
        ? `forcing trap when growing table to ${limits.min} elements`
        : `table minimum size of ${limits.min} elements exceeds table limits`,
    );
  }
  lowerMaximum(section, start, Math.min(most, limits.is64 ? most : 2 ** 32 - 1), out);
}

/** Rewrites the limits that stand between `start` and the reader's position, if their maximum is above `most` or missing. */
function lowerMaximum(section: Reader, start: number, most: number, out: EditedCopy): void {
  const limits = new Reader(section.bytes, start, section.pos);
  const flags = limits.byte();
  const min = limits.u64();
  if (flags & 1 && limits.u64() <= most) return;
  const rest = section.bytes.subarray(limits.pos, section.pos);
  out.replace(start, section.pos, [flags | 1, ...leb128(min), ...leb128(most), ...rest]);
}
