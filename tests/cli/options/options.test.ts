import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandHelp } from "../../../src/cli/help.ts";
import { runFlags, serveFlags } from "../../../src/cli/options/flags.ts";
import { type Group, groupHelp, type Key } from "../../../src/cli/options/groups/group.ts";
import { groups } from "../../../src/cli/options/groups/groups.ts";
import { type HelpText, settings } from "../../../src/cli/options/read-settings.ts";
import { scan } from "../../../src/cli/options/scan.ts";
import type { Settings } from "../../../src/cli/options/settings.ts";
import { noSettings } from "../../../src/cli/options/settings.ts";
import { refuseLacking } from "../../../src/cli/options/unsupported.ts";
import { report } from "../../../src/cli/report/report.ts";

const all: readonly Group[] = Object.values(groups);

/** The settings that a command line makes. */
function given(...argv: readonly string[]): Settings {
  const { options, problem } = scan([...argv, "a.wasm"]);
  if (problem) throw problem;
  const made: Settings | HelpText = settings(options);
  assert.ok(!("help" in made));
  return made;
}

/** The exit status and the text on stderr that a command line ends in, before anything runs. */
function refusal(...argv: readonly string[]): { status: number; text: string } | undefined {
  try {
    refuseLacking(given(...argv));
    return undefined;
  } catch (error) {
    const { status, text } = report(error, "a.wasm");
    return { status, text };
  }
}

describe("the option groups", () => {
  for (const group of all) {
    for (const [name, key] of Object.entries(group.keys)) {
      it(`-${group.short} ${name}`, () => {
        const { good, bad } = samples(key);
        if (key.kind.example !== undefined)
          assert.equal(refusal(`-${group.short}${name}=${key.kind.example}`)?.status, lackingStatus(key));
        for (const value of good) {
          for (const argv of spellings(group, `${name}${value}`)) {
            const said = refusal(...argv);
            const text = `Error: -${group.short} ${name} ${key.refusal}\n`;
            if (said) assert.deepEqual(said, { status: 1, text });
            const values: Readonly<Record<string, unknown>> = given(...argv)[longName(group)];
            assert.deepEqual(Object.keys(values), [name]);
          }
        }
        const { example } = key.kind;
        const tip =
          example === undefined ? "" : `\n\n  tip: a value of the right form: '-${group.short}${name}=${example}'`;
        for (const [value, why] of bad) {
          const text = `error: failed to parse -${group.short} option \`${name}${value}\`: ${why}${tip}\n`;
          assert.deepEqual(refusal(`-${group.short}${name}${value}`), { status: 2, text });
        }
      });
    }

    it(`-${group.short} with a key that is none`, () => {
      const text = (key: string) => `error: unknown -${group.short} / --${group.long} option: ${key}\n`;
      assert.deepEqual(refusal(`-${group.short}frob`), { status: 2, text: text("frob") });
      assert.deepEqual(refusal(`-${group.short}toString=1`), { status: 2, text: text("toString") });
      assert.deepEqual(refusal(`--${group.long}=`), { status: 2, text: text("") });
      const [first] = Object.keys(group.keys);
      assert.deepEqual(refusal(`-${group.short}help,${first}`), { status: 2, text: text("help") });
    });

    it(`-${group.short} help`, () => {
      for (const spelled of spellings(group, "help")) {
        const made = settings(scan(spelled).options);
        assert.ok("help" in made);
        assert.equal(made.help, groupHelp(group));
      }
      const lines = groupHelp(group).split("\n");
      assert.match(lines[0]!, group === groups.record ? /^Accepted, without effect:$/ : /^Available \w+ options:$/);
      for (const name of Object.keys(group.keys))
        assert.ok(
          lines.some((line) => line.includes(` ${name}`)),
          name,
        );
    });
  }

  const refused: readonly (readonly [string, string])[] = [
    ["-Snn", "-S nn"],
    ["-Stls", "-S tls"],
    ["-Skeyvalue=yes", "-S keyvalue"],
    ["-Stcp,nn,udp", "-S nn"],
    ["-Wfuel=1", "-W fuel"],
    ["-Ddebugger=x", "-D debugger"],
    ["-Rpath=x", "-R path"],
    ["--profile=guest", "--profile"],
    ["--target=x", "--target"],
  ];
  for (const [argument, what] of refused) {
    it(`${argument} is refused by name`, () => {
      assert.deepEqual(refusal(argument), { status: 1, text: `Error: ${what} is not supported yet\n` });
    });
  }

  it("a proposal that the engines have cannot be turned off, and it says so", () => {
    for (const key of ["simd", "gc", "all-proposals"]) {
      const text = `Error: -W ${key} cannot be turned off: the engine always has it\n`;
      assert.deepEqual(refusal(`-W${key}=n`), { status: 1, text });
    }
  });

  const accepted = [
    "--allow-precompiled",
    "-Shttp,max-http-fields-size=1000",
    "-Scli",
    "-Sp3=n",
    "-Snn=n",
    "-Wsimd",
    "-Ccache=n",
    "-Ccranelift-x=y",
    "-O0",
    "-Oopt-level=s",
  ];
  for (const argument of accepted.filter((each) => each !== "-O0")) {
    it(`${argument} is accepted`, () => assert.equal(refusal(argument), undefined));
  }

  const badRules: readonly (readonly [string, string])[] = [
    ["", "neither an address nor a name: ''"],
    ["127.0.0.1:99999", "not a port, a range LOW-HIGH or *: '99999'"],
    ["127.0.0.1:9-1", "not a port, a range LOW-HIGH or *: '9-1'"],
    ["10.0.0.0/33", "a prefix has 0 to 32 bits: '/33'"],
    ["a b", "neither an address nor a name: 'a b'"],
    ["dns:a.example:53", "a dns rule has no port: '53'"],
    ["dns:10.0.0.1", "a dns rule names a name, not '10.0.0.1'"],
  ];
  for (const option of ["--allow-net", "--deny-net"]) {
    for (const [rule, why] of badRules) {
      it(`refuses ${option}=${rule}`, () => {
        const said = `invalid value '${rule}' for '${option} <RULE>': ${why}`;
        const { status, text } = refusal(`${option}=${rule}`)!;
        assert.equal(status, 2);
        assert.ok(text.startsWith(`error: ${said}\n\nA RULE is [USE:]HOST[:PORTS], such as 127.0.0.1:9999, `), text);
        assert.match(text, /^ {2}USE {4}connect, listen, .*$\n^ {2}HOST {3}\*, an address .*$/m);
        assert.match(text, /\n\nFor more information, try '--help'\.\n$/);
      });
    }
  }

  it("names the key that was probably meant", () => {
    const cases = [
      ["-Sinherit_network", "-S / --wasi option: inherit_network", "inherit-network"],
      ["-Stpc,tcpp", "-S / --wasi option: tpc", undefined],
      ["-Stcpp", "-S / --wasi option: tcpp", "tcp"],
      ["-Wmax-memry-size=1", "-W / --wasm option: max-memry-size", "max-memory-size"],
      ["-Otlevel=2", "-O / --optimize option: tlevel", "opt-level"],
    ] as const;
    for (const [word, unknown, near] of cases) {
      const tip = near === undefined ? "" : `\n\n  tip: a similar option exists: '${near}'`;
      assert.deepEqual(refusal(word), { status: 2, text: `error: unknown ${unknown}${tip}\n` });
    }
  });

  it("takes no empty name for the file of --config or --trace-file", () => {
    for (const option of ["--config", "--trace-file"]) {
      const text = `error: a value is required for '${option} <FILE>' but none was supplied\n\nFor more information, try '--help'.\n`;
      assert.deepEqual(refusal(`${option}=`), { status: 2, text });
      assert.deepEqual(refusal(option, ""), { status: 2, text });
    }
  });

  it("takes what follows the first = of --preload as the path", () => {
    const { preloads } = given("--preload=a=b=c.wasm", "--preload", "=x", "--preload=y=");
    assert.deepEqual(preloads, [
      { name: "a", path: "b=c.wasm" },
      { name: "", path: "x" },
      { name: "y", path: "" },
    ]);
  });

  it("refuses a malformed --preload", () => {
    const said =
      "invalid value 'a' for '--preload <NAME=MODULE_PATH>': must contain exactly one equals character ('=')";
    assert.deepEqual(refusal("--preload=a"), {
      status: 2,
      text: `error: ${said}\n\n  tip: a value of the right form: '--preload=lib=lib.wasm'\n\nFor more information, try '--help'.\n`,
    });
  });

  it("--dir: what the guest knows it by, and whether it may only read", () => {
    assert.deepEqual(given("--dir=a", "--dir", "b::/c", "--dir=d::/e:ro", "--dir=f:ro", "--dir=g::h::i").dirs, [
      { host: "a", guest: "a" },
      { host: "b", guest: "/c" },
      { host: "d", guest: "/e", readOnly: true },
      { host: "f:ro", guest: "f:ro" },
      { host: "g", guest: "h" },
    ]);
  });
});

/** Undefined: it is accepted. */
function lackingStatus({ lacks }: Key): number | undefined {
  return lacks("") ? 1 : undefined;
}

describe("the options of run and serve", () => {
  for (const flag of [...runFlags, ...serveFlags]) {
    const { example } = flag;
    if (example === undefined || example.includes("\n")) continue;
    it(`--${flag.long}=${example} is what its own error calls right`, () => {
      flag.apply(noSettings(true), example);
    });
  }

  it("stand in help once, each in a section", () => {
    for (const [name, flags] of [
      ["run", runFlags],
      ["serve", serveFlags],
    ] as const) {
      const lines = commandHelp(name).split("\n");
      for (const { long } of flags)
        assert.equal(
          lines.filter((line) => new RegExp(`^ {2}(?:-\\w, | {4})--${long}[ \\t[]`).test(line)).length,
          1,
          long,
        );
    }
  });
});

function longName(group: Group): keyof typeof groups {
  const name = Object.values(groups).find((each) => each === group)?.long;
  assert.ok(name);
  return name;
}

function spellings({ short, long }: Group, text: string): string[][] {
  return [[`-${short}${text}`], [`-${short}`, text], [`-${short}=${text}`], [`--${long}`, text], [`--${long}=${text}`]];
}

interface Samples {
  /** What may follow the key. */
  readonly good: readonly string[];
  /** What may not, and why. */
  readonly bad: readonly (readonly [string, string])[];
}

/** Values of a key's type, told by its hint. */
function samples({ kind: { hint, words } }: Key): Samples {
  const missing = ["", "value must be specified with `key=val` syntax"] as const;
  const samplesByHint: Readonly<Record<string, Samples>> = {
    "[=y|n]": {
      good: ["", "=y", "=yes", "=true", "=n", "=no", "=false"],
      bad: [
        ["=maybe", "unknown boolean flag `maybe`, only yes,no,<nothing> accepted"],
        ["=", "unknown boolean flag ``, only yes,no,<nothing> accepted"],
      ],
    },
    "[=y|n|auto]": {
      good: ["", "=n", "=auto"],
      bad: [["=x", "unknown flag `x`, only yes,no,auto,<nothing> accepted"]],
    },
    "=val": { good: ["=", "=x", "=a=b"], bad: [missing] },
    "=path": { good: ["=x"], bad: [["", "value must be specified with key=val syntax"]] },
    "=N": {
      good: ["=0", "=1_000", "=0x1F", "=4294967295"],
      bad: [
        missing,
        ["=", "cannot parse integer from empty string"],
        ["=x", "invalid digit found in string"],
        ["=-1", "invalid digit found in string"],
        ["=1.5", "invalid digit found in string"],
        ["=0x1ffffffffffffffff", "number too large to fit in target type"],
      ],
    },
    "=N|Ns|Nms|..": {
      good: ["=1", "=1s", "=10ms", "=10us", "=10μs", "=10ns"],
      bad: [missing, ["=1.5s", "failed to parse duration: 1.5s"], ["=x", "failed to parse duration: x"]],
    },
    "=<name>=<val>": { good: ["=a=b", "=a", "=a=b=c"], bad: [missing] },
    "=<format>::<dir>": {
      good: ["=f::d"],
      bad: [missing, ["=f", "graph does not contain `::` separator for directory"]],
    },
    "[=y|n|gc|inter-module|intrinsics]": {
      good: ["", "=n", "=gc"],
      bad: [
        ["=x", "invalid intra-module inlining option string: `x`, only yes,no,gc,inter-module,intrinsics accepted"],
      ],
    },
  };
  const known = samplesByHint[hint] ?? { good: words?.map((word) => `=${word}`) ?? [], bad: [missing] };
  assert.ok(known.good.length > 0, `no samples for ${hint}`);
  return known;
}
