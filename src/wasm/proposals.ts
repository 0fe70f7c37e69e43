/** Finds uses of proposals that consist of instructions alone, to refuse modules that use one that was turned off. */
import { bodiesOf } from "./code-section.ts";
import { readCoreModuleType } from "./core-module.ts";
import { Interned } from "./core-types.ts";
import { prefixed, readInstruction } from "./instructions.ts";
import { FUNCTION_NAMES, nameSubsection } from "./name-section.ts";
import { Reader } from "./reader.ts";
import { CODE_SECTION, sectionsOf } from "./sections.ts";

/** The instructions of each proposal, first and last, and wasmtime's name for it. */
const proposals = {
  "relaxed-simd": { first: prefixed(0xfd, 0x100), last: prefixed(0xfd, 0x113), words: "relaxed SIMD" },
  "tail-call": { first: 0x12, last: 0x13, words: "tail calls" },
  "wide-arithmetic": { first: prefixed(0xfc, 19), last: prefixed(0xfc, 22), words: "wide arithmetic" },
} as const;

export type InstructionProposal = keyof typeof proposals;

/** The first instruction of a proposal that was turned off. */
export interface Use {
  /** The use in wasmtime's words. */
  readonly words: string;
  /** Bytes from the module's start. */
  readonly offset: number;
  /** The index of the function, and the function's name, if it has one. */
  readonly func: number;
  readonly name: string | undefined;
}

/** Returns the first use of a proposal in `off`; undefined if there is none. @throws ParseError */
export function findUse(module: Uint8Array<ArrayBuffer>, off: readonly InstructionProposal[]): Use | undefined {
  const code = [...sectionsOf(module)].find(({ id }) => id === CODE_SECTION)?.content;
  if (code === undefined) return undefined;
  const ranges = off.map((proposal) => proposals[proposal]);
  let defined = 0;
  for (const { code: body } of bodiesOf(code)) {
    while (!body.atEnd) {
      const offset = body.pos;
      const instruction = readInstruction(body);
      const found = ranges.find(({ first, last }) => instruction >= first && instruction <= last);
      if (found === undefined) continue;
      const { imports } = readCoreModuleType(new Reader(module), new Interned(), false);
      const func = imports.filter(({ type }) => type.kind === "func").length + defined;
      return { words: found.words, offset, func, name: functionName(module, func) };
    }
    defined++;
  }
  return undefined;
}

function functionName(module: Uint8Array<ArrayBuffer>, func: number): string | undefined {
  return nameSubsection(module, FUNCTION_NAMES, (names) => {
    for (let left = names.count("name"); left > 0; left--) {
      const index = names.u32();
      const name = names.name();
      if (index === func) return name;
    }
    return undefined;
  });
}
