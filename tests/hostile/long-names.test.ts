/**
 * Names of 100,000 characters, each place that reads some, and shapes that let a matcher start again at every character or try
 * both readings of every word: what takes more than a pass over them does not end here.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placeOf } from "../../src/cli/options/config-place.ts";
import { parseArgument } from "../../src/cli/run/invoke.ts";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { isInterfaceName, JsNames, parseExternName } from "../../src/component/types/names.ts";
import { parseHost } from "../../src/core/addresses/host.ts";
import { destinationOf, isAuthority } from "../../src/core/http/authority.ts";
import { FieldLines } from "../../src/core/http/field-lines.ts";
import { byteString, FieldMap } from "../../src/core/http/fields.ts";
import { parseNetRule } from "../../src/core/policy/net-rule.ts";
import { demangle } from "../../src/demangle/demangle.ts";
import { InvokeError } from "../../src/run/module.ts";
import { shortInstance } from "../../src/trace/formats.ts";
import { engineWords } from "../../src/wasm/engine-trap.ts";
import { ParseError } from "../../src/wasm/errors.ts";
import { wasmFrames } from "../../src/wasm/frames.ts";
import { WaveError } from "../../src/wave/lex.ts";
import { parseCall, parseValue } from "../../src/wave/parse.ts";
import { component, coreModule, joined, list, name, trappingModule } from "./bytes.ts";

const LENGTH = 100_000;

/** `part` as often as there is room for, and what makes the whole no name at the very end. */
const fill = (part: string, end = ""): string =>
  part.repeat(Math.floor((LENGTH - end.length - 30) / part.length)) + end;

/** No label, version or name of any kind is any of them. */
const shapes: readonly (readonly [what: string, text: string])[] = [
  ["words that are digits alone", `a${fill("-0", "_")}`],
  ["words of both cases", `a${fill("-0A-0a", "_")}`],
  ["one word of digits", `a-${fill("0", "_")}`],
  ["dashes", `a${fill("-", "_")}`],
  ["dots", `a${fill(".", "_")}`],
  ["blanks", `a${fill(" ", "_")}`],
  ["line ends", fill("@", "\n_")],
  ["dollars", `_ZN3$u${fill("$u0", "_")}`],
  ["the names of engines", fill("wasm://wasm/wasm-function[", "_")],
  ["the words of engines", fill(" (evaluating ", "_")],
];

const labels = [`a${fill("-0")}`, `a${fill("-0a-0A")}`, `a-${fill("0")}`, `A${fill("b-").toUpperCase()}c`];
const versions = [`1.2.3-${fill("0a.")}1`, `1.2.3-${fill("-")}`, `1.2.3+${fill("0.")}1`, `1.2.${fill("1")}`];

const imported = (text: string) => component(list(7, [[0x40, 0, 1, 0]]), list(10, [joined([[0], name(text), [1, 0]])]));
const exported = (text: string) => component(list(5, [[1, 0]]), list(11, [joined([[0], name(text), [5, 0, 0]])]));
const implementing = (text: string) =>
  component(list(7, [[0x42, 0]]), list(10, [joined([[2], name("a"), [1, 0], name(text), [5, 0]])]));

describe(`names of ${LENGTH} characters in a component`, () => {
  for (const [what, text] of shapes) {
    it(`are refused: ${what}`, () => {
      for (const file of [imported, exported, implementing])
        assert.throws(() => parseComponent(file(text)), ParseError);
      for (const around of ["[constructor]_", "[method]_", "[method]a._", "[static]_.a", "a:b/_", "a:_/b", "_:a/b"]) {
        const found = around.replace("_", () => text);
        assert.equal(parseExternName(found), undefined);
        assert.throws(() => parseComponent(imported(found)), ParseError);
      }
      for (const version of [text, `1.2.3-${text}`, `1.2.3+${text}`, `1.2.3-${text}+${text}`]) {
        assert.equal(isInterfaceName(`a:b/c@${version}`), false);
      }
      for (const kind of ["url", "relative-url", "integrity", "locked-dep", "unlocked-dep"]) {
        assert.throws(() => parseComponent(imported(`${kind}=<${text}>`)), ParseError);
      }
    });
  }

  for (const [i, label] of labels.entries()) {
    it(`are read: label ${i}`, () => {
      assert.deepEqual(parseExternName(label), { kind: "label" });
      assert.deepEqual(parseExternName(`[method]a.${label}`), { kind: "method", resource: "a", member: label });
      assert.equal(isInterfaceName(`a:b/${label}`), true);
      assert.equal(parseComponent(imported(label)).type.imports.size, 1);
      assert.equal(new JsNames().camel(label).length < label.length, true);
    });
  }

  for (const [i, version] of versions.entries()) {
    it(`are read: version ${i}`, () => {
      const names = new JsNames();
      const given = new Map([["a:b/c", [`a:b/c@${version}`]]]);
      assert.equal(isInterfaceName(`a:b/c@${version}`), true);
      assert.equal(names.compatible(`a:b/c@${version}`, given), `a:b/c@${version}`);
      assert.equal(isInterfaceName(`a:b/c@${version}_`), false);
    });
  }
});

describe(`texts of ${LENGTH} characters on the command line`, () => {
  for (const [what, text] of shapes) {
    it(`are refused: ${what}`, () => {
      for (const call of [text, `${text}()`, `a(${text})`, `a(%${text})`, `a("${text})`, `a({${text}: 1})`]) {
        assert.throws(() => parseCall(call), WaveError);
      }
      assert.throws(() => parseValue(`{${text}}`), WaveError);
      for (const rule of [text, `*.${text}`, `dns:${text}`, `[${text}]:1`, `a:${text}`, `10.0.0.0/${text}`]) {
        assert.throws(() => parseNetRule(rule), Error);
      }
      for (const type of ["i32", "i64", "f32", "f64"]) assert.throws(() => parseArgument(type, text), InvokeError);
    });
  }

  it("are read", () => {
    for (const label of labels) {
      assert.equal(parseCall(`${label}()`).name, label);
      assert.equal(parseCall(`a:b/${label}.${label}@1.2.3()`).name, `a:b/${label}.${label}@1.2.3`);
      assert.equal(parseValue(`%${label}`).end, label.length + 1);
    }
    assert.equal(parseValue(`${fill(" ")}${fill("//\n")}1`).kind, "number");
    assert.equal(parseValue(`"${fill("\\n")}"`).kind, "string");
    assert.equal(parseArgument("f64", fill("0")), 0);
    assert.throws(() => parseArgument("f64", fill("0", "_")), InvokeError);
    assert.equal(placeOf(`[wasi]\ntcp = 1${fill(" ")}2 # 3`, "wasi", "tcp", "value").length, fill(" ").length + 2);
  });
});

describe(`names of ${LENGTH} characters over a network`, () => {
  for (const [what, text] of shapes) {
    it(`are no fields, no addresses: ${what}`, () => {
      const value = byteString(text);
      const fields = new FieldMap(10 * LENGTH);
      assert.equal(fields.append(text, value), "invalid-syntax");
      assert.equal(new FieldLines(1).add(byteString(`${text.replaceAll(":", "/")}: a`)), false);
      // As names they are for the resolver to refuse.
      const hosts = [parseHost(text), parseHost(`xn--${text}`), parseHost(`${text}é`)];
      if (isAuthority(text)) hosts.push(destinationOf(text, false)?.host, destinationOf(`${text}:1`, false)?.host);
      assert.ok(hosts.every((host) => host?.tag !== "address"));
    });
  }
});

describe(`names of ${LENGTH} characters in a core module`, () => {
  for (const [what, text] of shapes) {
    it(`are shown: ${what}`, () => {
      assert.equal(demangle(text), text);
      for (const prefix of ["_ZN", "_R", "_RNvC", "_RNvCs", "_RYNvC1a1bB", "_RINvC1a1bKj", "_RINvC1a1bKe"]) {
        assert.equal(demangle(prefix + text).length > 0, true);
      }
      assert.equal(engineWords(text), text);
      assert.equal(shortInstance(`wasi:a/b@${text}`), "a/b");
      const [frame] = wasmFrames(trapOf(trappingModule(text, text)));
      // JavaScriptCore tells of no function of a module with names this long.
      assert.ok(frame?.func.length === text.length || frame === undefined || frame.func.startsWith("<"));
    });
  }

  it("are imported and exported", () => {
    for (const [, text] of shapes) {
      const module = coreModule(list(1, [[0x60, 0, 0]]), list(2, [joined([name(text), name(text), [0, 0]])]));
      assert.equal(parseComponent(component(joined([[1], lengthOf(module), module]))).definitions.length, 1);
    }
  });
});

function lengthOf(bytes: ArrayLike<number>): number[] {
  return Array.from(name("x".repeat(bytes.length))).slice(0, -bytes.length);
}

function trapOf(module: Uint8Array<ArrayBuffer>): Error {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  try {
    (f as () => void)();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not trap");
}
