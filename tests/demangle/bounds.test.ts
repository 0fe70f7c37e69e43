/** Names come from a module that nobody vouches for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { demangle } from "../../src/demangle/demangle.ts";

/** Bytes of UTF-8 that a name may have without its suffix and the words that it was cut. */
const MAX_SIZE = 1_000_000;
const CUT = "{size limit reached}";

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A back reference to `position`, which is counted after `_R`. */
function backref(position: number): string {
  if (position === 0) return "B_";
  let digits = "";
  for (let rest = position - 1; digits === "" || rest > 0; rest = Math.floor(rest / 62)) {
    digits = `${DIGITS.charAt(rest % 62)}${digits}`;
  }
  return `B${digits}_`;
}

/** `levels` tuples, each of `width` times the one before it; the first is of `leaf`. */
function doubled(leaf: string, levels: number, width: number): string {
  let symbol = "INvC1a1b";
  let last = symbol.length;
  symbol += leaf;
  for (let i = 0; i < levels; i++) {
    const position = symbol.length;
    symbol += `T${backref(last).repeat(width)}E`;
    last = position;
  }
  return `_R${symbol}E`;
}

describe("the depth of a name", () => {
  it("is 500 productions at most, or it stays as it is", () => {
    const nested = (depth: number) => `_RINvC1a1b${"S".repeat(depth)}hE`;
    assert.equal(demangle(nested(499)), `a::b::<${"[".repeat(499)}u8${"]".repeat(499)}>`);
    assert.equal(demangle(nested(500)), nested(500));
  });

  it("counts what back references lead to", () => {
    const printed = demangle(`_RINvC1a1bS${backref(8)}E`);
    assert.match(printed, /^a::b::<\[+\{recursion limit reached\}\]+>$/);
    assert.match(demangle("_RNvB_1a"), /^\{recursion limit reached\}::\?(::a){100,}$/);
  });

  it("is no matter of the engine's stack", () => {
    for (const production of ["S", "Nv", "IC1a", "XC1a", "FG_", "DIC1a", "WmO", "KA", "KR", "M", "B_"]) {
      const name = `_RINvC1a1b${production.repeat(100_000)}`;
      assert.equal(demangle(name), name);
    }
  });
});

describe("the size of a name", () => {
  it("is 1,000,000 bytes at most", () => {
    const exact = `_ZN${MAX_SIZE}${"x".repeat(MAX_SIZE)}E`;
    assert.equal(demangle(exact), "x".repeat(MAX_SIZE));
    assert.equal(demangle(`_ZN${MAX_SIZE}${"x".repeat(MAX_SIZE)}1yE.cold`), `${"x".repeat(MAX_SIZE)}${CUT}.cold`);
  });

  it("is that of its UTF-8", () => {
    const printed = demangle(doubled("Cu6_1lq90i", 20, 3));
    assert.ok(printed.endsWith(CUT));
    const size = new TextEncoder().encode(printed).length - CUT.length;
    assert.ok(size <= MAX_SIZE && size > MAX_SIZE - 4, `${size}`);
  });

  for (const [what, name] of [
    ["types of types", doubled("h", 60, 2)],
    ["binders", "_RINvC1a1bFGZZZZZZZZZ_RL0_hEuE"],
    ["back references that print little", doubled("C0", 60, 40)],
  ] as const) {
    it(`is limited with ${what}, in little time`, { timeout: 60_000 }, () => {
      const printed = demangle(name);
      assert.ok(printed.endsWith(CUT));
      assert.ok(printed.length <= MAX_SIZE + CUT.length);
    });
  }

  it("is limited by what is read for it, too", { timeout: 60_000 }, () => {
    // 50,000 times a name whose disambiguator is 100,000 digits long: 5 billion to read, 200 KB to print.
    const symbol = `INvC1a1bTNvCs${"0".repeat(100_000)}_1x0${backref(9).repeat(50_000)}E`;
    assert.match(demangle(`_R${symbol}E`), /^a::b::<\(x\[2\](, x\[2\]){1,100}\{size limit reached\}$/);
  });
});

describe("any name", () => {
  const names = [
    "_RNvXs_Csl9blZBb4LPD_7kitchenINtB4_2OfhENtB4_7Kitchen4cook",
    "_RNCNCNvCsl9blZBb4LPD_7kitchen3all00B5_",
    "_RNvMCsl9blZBb4LPD_7kitchenINtB2_2OfDG_INtNtNtCseqjPbERlUDJ_4core3ops8function2FnTRL0_hEEp6OutputtEL_E4showB2_",
    "_RNvMs4_Csl9blZBb4LPD_7kitchenINtB5_1SKRe697427732022686f742209e2808be58c97_E4showB5_",
    "_RNvMs5_Csl9blZBb4LPD_7kitchenINtB5_1DKVNtB5_4DishS3hotb1_5gramstfa_EE4showB5_",
    "_RNvNtCsl9blZBb4LPD_7kitchenu9gre_6ka8iu6_1lq90i",
    "_ZN58_$LT$kitchen..Of$LT$u8$GT$$u20$as$u20$kitchen..Kitchen$GT$4cook17h30a19917299f146fE",
  ];
  const token = fc.oneof(
    fc.constantFrom(..."BCDEFGIKLMNOPQRSTUVWXYabcehijlmnopstuvwxyz0123456789_.$"),
    fc.constantFrom("B_", "B0_", "B5_", "L0_", "G0_", "Kj3_", "Re41_", "C1a", "NvC1a1b", "s_", "u9gre_6ka8i", "$LT$"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(""));
  const random = fc.tuple(fc.constantFrom("_R", "_RINvC1a1bT", "_RINvC1a1bK", "_ZN", ""), text);
  const changed = fc
    .tuple(fc.constantFrom(...names), fc.array(fc.tuple(fc.nat(120), fc.nat(3), token), { minLength: 1, maxLength: 3 }))
    .map(([name, changes]) =>
      changes.reduce((before, [at, gone, put]) => `${before.slice(0, at)}${put}${before.slice(at + gone)}`, name),
    );
  /** Well-formed but for where back references lead. */
  const { type } = fc.letrec<{ type: string; types: string }>((tie) => ({
    types: fc.array(tie("type"), { maxLength: 4 }).map((types) => `${types.join("")}E`),
    type: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.constantFrom("h", "u", "C1a", "NtC1a1S", "RL0_h", "AhKp", "Cu6_1lq90i"),
      fc.nat(80).map(backref),
      fc.tuple(fc.constantFrom("T", "INtC1a1S", "F", "FG_", "DIC1a"), tie("types")).map(([tag, types]) => {
        return `${tag}${types}${tag.startsWith("F") ? "u" : tag.startsWith("D") ? "p1AhEL_" : ""}`;
      }),
      fc.tuple(fc.constantFrom("S", "R", "P", "MC1a", "WP"), tie("type")).map(([tag, type]) => {
        return `${tag}${type}${tag === "WP" ? "N" : ""}`;
      }),
    ),
  }));
  const any = fc.oneof(
    random.map(([start, rest]) => start + rest),
    changed,
    type.map((argument) => `_RINvC1a1b${argument}E`),
  );

  it("is answered, shorter than the limit", () => {
    let demangled = 0;
    fc.assert(
      fc.property(any, (name) => {
        const printed = demangle(name);
        assert.ok(printed.length <= MAX_SIZE + CUT.length + name.length);
        if (printed !== name) demangled++;
      }),
      { numRuns: 5_000, seed: 3 },
    );
    assert.ok(demangled > 1_000, `${demangled}`);
  });
});
