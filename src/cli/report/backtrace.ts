/** The frames of a trap as wasmtime prints them, Rust's functions by the names that their programmer gave them. */

import type { WasmFrame } from "../../core/wait/errors.ts";
import { demangle } from "../../demangle/demangle.ts";
import { SHOWN_FRAMES } from "../../wasm/frames.ts";
import { printable } from "../../wasm/printable.ts";

/** @returns Without a newline at its end. */
export function formatFrames(frames: readonly WasmFrame[], limit = SHOWN_FRAMES): string {
  const lines = frames.slice(0, limit).map(({ offset, module, func }, i) => {
    const place = offset === undefined ? "" : `${`0x${offset.toString(16)}`.padStart(8)} - `;
    return `  ${String(i).padStart(3)}: ${place}${printable(`${module ?? "<unknown>"}!${demangle(func)}`)}`;
  });
  return ["error while executing at wasm backtrace:", ...lines].join("\n");
}
