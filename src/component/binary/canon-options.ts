import type { Reader } from "../../wasm/reader.ts";
import type { CanonOptions, StringEncoding } from "./canon.ts";
import { entry, type Scope } from "./scope.ts";

const encodings: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

/** The options with an index, by opcode from 3 on. */
const indexed = ["memory", "realloc", "post-return", "async", "callback"] as const;

export function readOptions(reader: Reader, scope: Scope): CanonOptions {
  let encoding: StringEncoding | undefined;
  const found = new Map<(typeof indexed)[number], { readonly index: number; readonly offset: number }>();
  for (let left = reader.count("canonical option"); left > 0; left--) {
    const offset = reader.pos;
    const opcode = reader.byte();
    const encoded = encodings[opcode];
    const option = indexed[opcode - encodings.length];
    if (encoded !== undefined) {
      if (encoding !== undefined) {
        reader.fail(`canonical encoding option \`${encoding}\` conflicts with option \`${encoded}\``, offset);
      }
      encoding = encoded;
    } else if (option !== undefined) {
      if (found.has(option)) reader.fail(`canonical option \`${option}\` is specified more than once`, offset);
      const index = option === "async" ? 0 : reader.u32();
      if (option === "memory") checkMemory(reader, scope, index, offset);
      else if (option !== "async") entry(scope.coreFuncs, index, "core function", reader, offset);
      found.set(option, { index, offset });
    } else {
      reader.fail(`invalid leading byte (0x${opcode.toString(16)}) for canonical option`, offset);
    }
  }
  const [memory, realloc, postReturn, async, callback] = indexed.map((option) => found.get(option));
  if (realloc !== undefined) {
    if (memory === undefined) reader.fail("canonical option `memory` is required when `realloc` is given");
    checkSignature(reader, scope, "realloc", realloc.index, ["i32", "i32", "i32", "i32"], ["i32"], realloc.offset);
  }
  if (callback !== undefined && async === undefined) {
    reader.fail("cannot specify callback without async", callback.offset);
  }
  if (postReturn !== undefined && async !== undefined) {
    reader.fail("cannot specify post-return function in async", postReturn.offset);
  }
  return {
    encoding: encoding ?? "utf8",
    memory: memory?.index,
    realloc: realloc?.index,
    postReturn: postReturn?.index,
    async: async !== undefined,
    callback: callback?.index,
  };
}

/** Checks that values can be in a memory: it must be neither 64-bit nor shared. */
export function checkMemory(reader: Reader, scope: Scope, index: number, offset: number): void {
  const type = entry(scope.coreMemories, index, "core memory", reader, offset);
  if (type.kind !== "memory") return;
  if (type.limits.is64) reader.fail("canonical option `memory` with a 64-bit memory is not supported", offset);
  if (type.limits.shared) reader.fail("canonical option `memory` cannot be a shared memory", offset);
}

/** Checks the type of a core function that an option names. */
export function checkSignature(
  reader: Reader,
  scope: Scope,
  option: string,
  index: number,
  params: readonly string[],
  results: readonly string[],
  offset: number,
): void {
  const type = entry(scope.coreFuncs, index, "core function", reader, offset);
  if (same(type.params, params) && same(type.results, results)) return;
  reader.fail(`canonical option \`${option}\` uses a core function with an incorrect signature`, offset);
}

export function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** Refuses the options that only a lift may have. */
export function refuseLiftOptions(reader: Reader, { postReturn, callback }: CanonOptions, offset: number): void {
  if (postReturn !== undefined) {
    reader.fail("canonical option `post-return` cannot be specified for lowerings", offset);
  }
  if (callback !== undefined) reader.fail("canonical option `callback` cannot be specified for lowerings", offset);
}

/** The options that a definition requires (CanonicalABI.md, "canonopt Validation"). */
export interface Needs {
  readonly memory: boolean;
  readonly realloc: boolean;
}

export function checkNeeds(reader: Reader, options: CanonOptions, needs: Needs, offset: number): void {
  if ((needs.memory || needs.realloc) && options.memory === undefined) {
    reader.fail("canonical option `memory` is required", offset);
  }
  if (needs.realloc && options.realloc === undefined) reader.fail("canonical option `realloc` is required", offset);
}
