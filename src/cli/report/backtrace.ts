/** The frames of a trap as wasmtime prints them, Rust's functions by the names that their programmer gave them. */

import type { WasmFrame } from "../../core/wait/errors.ts";
import { demangle } from "../../demangle/demangle.ts";
import type { SourcePlace } from "../../dwarf/module-symbols.ts";
import { SHOWN_FRAMES } from "../../wasm/frames.ts";
import { printable } from "../../wasm/printable.ts";
import type { LocatedFrame } from "./locate.ts";

/** @returns Without a newline at its end. */
export function formatFrames(
  frames: readonly WasmFrame[],
  limit = SHOWN_FRAMES,
  locate: (frame: WasmFrame) => LocatedFrame = (frame) => frame,
): string {
  const lines = frames.slice(0, limit).map((frame, i) => {
    const located = locate(frame);
    const { offset } = located;
    const place = offset === undefined ? "" : `${`0x${offset.toString(16)}`.padStart(8)} - `;
    return `  ${String(i).padStart(3)}: ${place}${formatSource(located)}`;
  });
  return ["error while executing at wasm backtrace:", ...lines].join("\n");
}

/** What was inlined, innermost first, has a line of its own. */
function formatSource({ module, func, symbols = [], declared }: LocatedFrame): string {
  const raw = demangle(func);
  if (symbols.length === 0) {
    const declaration = declared && `\n${PLACE}declared at ${printable(`${declared.file}:${declared.line}`)}`;
    return `${printable(`${module ?? "<unknown>"}!${raw}`)}${declaration ?? ""}`;
  }
  const texts = symbols.map(({ name, place }, i) => {
    const shown = name === undefined ? (i === 0 ? raw : "<inlined function>") : demangle(name);
    return printable(shown) + (place === undefined ? "" : `\n${PLACE}at ${formatPlace(place)}`);
  });
  return texts.join("\n                - ");
}

const PLACE = " ".repeat(20);

function formatPlace({ file, line, column }: SourcePlace): string {
  return printable(line === 0 ? file : `${file}:${line}:${column}`);
}
