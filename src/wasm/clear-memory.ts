import { encodeName, encodeOwnModule, leb128, signedLeb128 } from "./writer.ts";

const I32 = 0x7f;
const V128 = 0x7b;

/** The size of the blocks in which a memory is looked through, bytes: a page of the machine. */
export const BLOCK = 4096;
/** The number of bytes that one round of the inner loop reads. */
const ROW = 128;

/** i32.const */
const constant = (value: number) => [0x41, ...signedLeb128(value)];

const AT = 0;
const END = 1;
const STOP = 2;
const BITS = 3;

/**
 *     (func (export "clear") (param $at i32) (param $end i32)
 *       (loop $block
 *         stop = at + BLOCK; bits = 0
 *         (loop $row
 *           bits |= the v128s at `at`, at + 16, ... at + ROW - 16; at += ROW
 *           (br_if $row (i32.lt_u at stop)))
 *         (if (v128.any_true bits) (memory.fill (stop - BLOCK) 0 BLOCK))
 *         (br_if $block (i32.lt_u at end))))
 */
function encode(): Uint8Array<ArrayBuffer> {
  const row = Array.from({ length: ROW / 16 }, (_, i) => [
    ...[0x20, AT, 0xfd, 0, 4, ...leb128(16 * i)], // local.get $at, v128.load offset=16i
    ...[0xfd, 0x50], // v128.or
  ]);
  const body = [
    ...[2, 1, I32, 1, V128], // locals
    ...[0x03, 0x40], // loop $block
    ...[0x20, AT, ...constant(BLOCK), 0x6a, 0x21, STOP],
    ...[0xfd, 12, ...new Array<number>(16).fill(0), 0x21, BITS], // v128.const 0
    ...[0x03, 0x40], // loop $row
    ...[0x20, BITS, ...row.flat(), 0x21, BITS],
    ...[0x20, AT, ...constant(ROW), 0x6a, 0x22, AT], // local.tee $at
    ...[0x20, STOP, 0x49, 0x0d, 0, 0x0b], // i32.lt_u, br_if 0, end
    ...[0x20, BITS, 0xfd, 0x53, 0x04, 0x40], // v128.any_true, if
    ...[0x20, STOP, ...constant(BLOCK), 0x6b, 0x41, 0, ...constant(BLOCK), 0xfc, 11, 0], // memory.fill
    0x0b,
    ...[0x20, AT, 0x20, END, 0x49, 0x0d, 0, 0x0b], // i32.lt_u, br_if 0, end
    0x0b,
  ];
  return encodeOwnModule(
    [1, [1, 0x60, 2, I32, I32, 0]],
    [2, [1, ...encodeName(""), ...encodeName("memory"), 2, 0, 0]],
    [3, [1, 0]],
    [7, [1, ...encodeName("clear"), 0, 0]],
    [10, [1, ...leb128(body.length), ...body]],
  );
}

let module: WebAssembly.Module | undefined;

/** Sets the bytes from `start` to `end` to 0. Both are multiples of `BLOCK`. */
export type Clear = (start: number, end: number) => void;

/**
 * Returns a function that sets parts of a memory to 0. It writes only to blocks that are not 0 already. Most of a memory has never
 * been touched: reading that takes a third of the time of writing, and no physical memory.
 *
 * @param memory Of pages of 64 KiB, with 32-bit addresses, below 2 GiB
 */
export function clearer(memory: WebAssembly.Memory): Clear {
  module ??= new WebAssembly.Module(encode());
  const { exports } = new WebAssembly.Instance(module, { "": { memory } });
  const clear = exports["clear"] as Clear;
  return (start, end) => {
    if (start < end) clear(start, end);
  };
}
