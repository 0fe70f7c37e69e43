import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { demangle } from "../../src/demangle/demangle.ts";

type Cases = readonly (readonly [string, string])[];

const CRATE = "kitchen[f6533ed886eab3ef]";
const CORE = "core[a802df2524a56769]";

function check(cases: Cases, around = (text: string) => text, printed = (text: string) => text): void {
  for (const [mangled, expected] of cases) {
    it(`${mangled}: ${expected}`, () => assert.equal(demangle(around(mangled)), printed(expected)));
  }
}

describe("a path of the v0 mangling", () => {
  check([
    ["_RC7kitchen", "kitchen"],
    ["_RNvC7kitchen3all", "kitchen::all"],
    ["_RNvCsl9blZBb4LPD_7kitchen3all", `${CRATE}::all`],
    ["_RNvCs_7kitchen3all", "kitchen[1]::all"],
    ["_RNCNCNvCsl9blZBb4LPD_7kitchen3all00B5_", `${CRATE}::all::{closure#0}::{closure#0}`],
    ["_RNCNvC1a1bs0_0", "a::b::{closure#2}"],
    ["_RNZNvC1a1b1c", "a::b::{Z:c#0}"],
    ["_RNvNkC1a01b", "a::b"],
    [
      "_RNSNvYNCNvCsl9blZBb4LPD_7kitchen3all0INtNtNtCseqjPbERlUDJ_4core3ops8function6FnOnceThEE9call_once6vtableB8_",
      `<${CRATE}::all::{closure#0} as ${CORE}::ops::function::FnOnce<(u8,)>>::call_once::{shim:vtable#0}`,
    ],
    ["_RNvXs_Csl9blZBb4LPD_7kitchenINtB4_2OfhENtB4_7Kitchen4cook", `<${CRATE}::Of<u8> as ${CRATE}::Kitchen>::cook`],
    ["_RNvMNtC1a1bNtB2_1S1f", "<a::b::S>::f"],
    ["_RINvC1a1bhL_Kb1_E", "a::b::<u8, '_, true>"],
    ["_RNvNtCsl9blZBb4LPD_7kitchenu9gre_6ka8iu6_1lq90i", `${CRATE}::größe::北京`],
    ["_RNvC1au5a_999", "a::punycode{a-999}"],
    ["_RNvC1au3_999", "a::punycode{999}"],
    ["_RNvC1a3_7up", "a::7up"],
    ["_RNvC1a1bC1c", "a::b"],
    ["RNvC1a1b", "a::b"],
    ["__RNvC1a1b", "a::b"],
    ["_RNvC1a1b.llvm.0123456789ABCDEF", "a::b"],
    ["_RNvC1a1b.llvm.1.cold", "a::b.llvm.1.cold"],
    ["_RNvC1a1bC1c.exit.i", "a::b.exit.i"],
  ]);
});

/** As the only generic argument of `a::b`. */
const argument = (mangled: string) => `_RINvC1a1b${mangled}E`;
const printedArgument = (text: string) => `a::b::<${text}>`;

describe("a type of the v0 mangling", () => {
  check(
    [
      ["TaslxniE", "(i8, i16, i32, i64, i128, isize)"],
      ["ThtmyojE", "(u8, u16, u32, u64, u128, usize)"],
      ["TbcefduzpvE", "(bool, char, str, f32, f64, (), !, _, ...)"],
      ["Afj4_", "[f32; 4usize]"],
      ["Sd", "[f64]"],
      ["TReQeRL_eE", "(&str, &mut str, &str)"],
      ["TPyOoE", "(*const u64, *mut u128)"],
      ["TTETaETahEE", "((), (i8,), (i8, u8))"],
      ["FEu", "fn()"],
      ["FhcEb", "fn(u8, char) -> bool"],
      ["FUKCjEz", 'unsafe extern "C" fn(usize) -> !'],
      ["TFK6systemEuFK8C_unwindEuE", '(extern "system" fn(), extern "C-unwind" fn())'],
      ["FG_RL0_hERL0_h", "for<'a> fn(&'a u8) -> &'a u8"],
      ["FG0_RL1_hRL0_hFG_RL0_hEuEu", "for<'a, 'b> fn(&'a u8, &'b u8, for<'c> fn(&'c u8))"],
      ["FGp_RL0_hEu", `for<${letters()}, '_26> fn(&'_26 u8)`],
      ["DNtC1a1TEL_", "dyn a::T"],
      ["DNtC1a1TNtC1b4SendEL_", "dyn a::T + b::Send"],
      ["FG_DNtC1a1TEL0_Eu", "for<'a> fn(dyn a::T + 'a)"],
      ["DINtC1a1TcEp4ItemhEL_", "dyn a::T<char, Item = u8>"],
      ["TINtC1a1TcEDB8_p4ItemhEL_E", "(a::T<char>, dyn a::T<char, Item = u8>)"],
      ["DNtC1a1Tp1Ahp1BKj3_EL_", "dyn a::T<A = u8, B = 3usize>"],
      ["DG_INtC1a2FnTRL0_hEEp6OutputtEL_", "dyn for<'a> a::Fn<(&'a u8,), Output = u16>"],
      ["WmRm1_m9_", "u32 is 1u32..=9u32"],
      ["WmORm1_m2_Rm5_m6_E", "u32 is 1u32..=2u32 | 5u32..=6u32"],
      ["WPuN", "*const () is !null"],
      ["FwThEEu", "fn(#[splat] (u8,))"],
      ["INtC1a1SINtC1a1ShEE", "a::S<a::S<u8>>"],
      ["TTaB9_EB9_E", "((i8, i8), i8)"],
    ],
    argument,
    printedArgument,
  );
});

describe("a const of the v0 mangling", () => {
  check(
    [
      ["Ks7_", "7i16"],
      ["Ksn12c_", "-300i16"],
      ["Ky_", "0u64"],
      ["Ky00000000000000000ff_", "255u64"],
      ["Kyffffffffffffffff_", "18446744073709551615u64"],
      ["Ko10000000000000000_", "0x10000000000000000u128"],
      ["Kb0_", "false"],
      ["Kb1_", "true"],
      ["Kp", "_"],
      ["Kc78_", "'x'"],
      ["Kc27_", "'\\''"],
      ["Kc22_", "'\"'"],
      ["Kca_", "'\\n'"],
      ["Kc301_", "'\\u{301}'"],
      ["Kce9_", "'é'"],
      ["Kc20_", "' '"],
      ["Kca0_", "'\\u{a0}'"],
      ["KRe_", '""'],
      ["KRe697427732022686f742209e2808be58c97_", '"it\'s \\"hot\\"\\t\\u{200b}北"'],
      ["Ke736f7570_", '{*"soup"}'],
      ["KQe736f7570_", '{&mut *"soup"}'],
      ["KRRe736f7570_", '{&"soup"}'],
      ["KAh1_h2_h3_E", "{[1u8, 2u8, 3u8]}"],
      ["KTh1_b1_E", "{(1u8, true)}"],
      ["KTh1_E", "{(1u8,)}"],
      ["KRAh1_h2_E", "{&[1u8, 2u8]}"],
      ["KVNtC1a4DishS3hotb1_5gramstfa_E", "{a::Dish { hot: true, grams: 250u16 }}"],
      ["KVNtC1a4PairTh1_h2_E", "{a::Pair(1u8, 2u8)}"],
      ["KVNtNtC1a4Side4NoneU", "{a::Side::None}"],
      ["KVNtINtC1a4SidehE4SomeTVNtC1a1SUE", "{a::Side::<u8>::Some(a::S)}"],
      ["TAhj3_Ahj3_E", "([u8; 3usize], [u8; 3usize])"],
      ["TAhj3_AhBa_E", "([u8; 3usize], [u8; 3usize])"],
    ],
    argument,
    printedArgument,
  );
});

describe("what is wrong where a back reference leads, or with a lifetime", () => {
  check(
    [
      ["RL0_h", "&'{invalid syntax} ?"],
      ["FG_RL1_hEu", "for<'a> fn(&'{invalid syntax} ?) -> ?"],
      ["TB3_hE", "({invalid syntax}, u8)"],
    ],
    argument,
    printedArgument,
  );
});

describe("a name that is not of the v0 mangling", () => {
  for (const name of [
    "_R",
    "_Rv",
    "R",
    "Rust",
    "_RC",
    "_RC2a",
    "_RNvC1a",
    "_RNvC1a1bx",
    "_RNvC1a1b$x",
    "_RNvC1a1b.é",
    "_RNvC2é",
    "_RCszzzzzzzzzzzzz_1a",
    "_RCu0",
    "_RCu2a_",
    "_RNvB9_1a",
    "_RINvC1a1bh",
    "_RINvC1a1bKh_Khg_E",
    "_RINvC1a1bKb2_E",
    "_RINvC1a1bKcd800_E",
    "_RINvC1a1bKc110000_E",
    "_RINvC1a1bKRec3_E",
    "_RINvC1a1bKRe4_E",
    "_RINvC1a1bKf0_E",
    "_RINvC1a1bFK0EuE",
    "_RINvC1a1bFKu2aaEuE",
    "_RINvC1a1bDC1aEE",
    "_RINvC1a1bWmXE",
  ]) {
    it(`${name}: as it is`, () => assert.equal(demangle(name), name));
  }
});

function letters(): string {
  return Array.from("abcdefghijklmnopqrstuvwxyz", (letter) => `'${letter}`).join(", ");
}
