/** Names as the specification's grammar has them, which is ambiguous: for names short enough to be matched all the same. */
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { labelEnd } from "../../../src/component/types/label.ts";
import { isInterfaceName, isLabel } from "../../../src/component/types/names.ts";

const label = "(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*";
const words = "[a-z][0-9a-z]*(?:-[0-9a-z]+)*";
const number = "(?:0|[1-9][0-9]*)";
const preRelease = `(?:${number}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const dotted = (part: string) => `${part}(?:\\.${part})*`;
const version = `${number}\\.${number}\\.${number}(?:-${dotted(preRelease)})?(?:\\+${dotted("[0-9A-Za-z-]+")})?`;

/** More: `NAME_RUNS=1000000`. */
const numRuns = Number(process.env["NAME_RUNS"] ?? 20_000);

const made = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 });

describe("labels", () => {
  it("are those of the grammar", () => {
    const grammar = new RegExp(`^${label}$`);
    const check = (text: string) => assert.equal(isLabel(text), grammar.test(text));
    fc.assert(fc.property(made("aA0-_"), check), { numRuns });
  });

  it("end where no longer one does", () => {
    const grammar = new RegExp(`^${label}$`);
    const check = (before: string, text: string) => {
      const ends = Array.from(text, (_, i) => i + 1).filter((end) => grammar.test(text.slice(0, end)));
      assert.equal(labelEnd(before + text, before.length), before.length + (ends.at(-1) ?? 0));
    };
    fc.assert(fc.property(made("a-%"), made("aA0-:"), check), { numRuns });
  });
});

describe("names of interfaces", () => {
  it("are those of the grammar", () => {
    const grammar = new RegExp(`^${words}:${words}/${label}(?:@${version})?$`);
    const part = fc.oneof(made("aA0-"), fc.constantFrom("a", "a-0", "A", "a-0A"));
    const release = fc.oneof(made("a0.-+1"), fc.constantFrom("0.2.0", "1.0.0-a.0", "01.0.0", "1.0.0+00"));
    const check = (namespace: string, name: string, own: string, at: string) => {
      for (const text of [`${namespace}:${name}/${own}`, `${namespace}:${name}/${own}@${at}`, `a:b/c@1.2.3${at}`]) {
        assert.equal(isInterfaceName(text), grammar.test(text), text);
      }
    };
    fc.assert(fc.property(part, part, part, release, check), { numRuns });
  });
});
