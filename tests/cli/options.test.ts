import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandNames } from "../../src/cli/options/commands.ts";
import { groups } from "../../src/cli/options/flags.ts";
import { type Group, groupHelp, type Key } from "../../src/cli/options/group.ts";
import { report } from "../../src/cli/report.ts";
import { scan } from "../../src/cli/scan.ts";
import {
  guestOptions,
  type HelpText,
  moduleLimits,
  refuseLacking,
  type Settings,
  settings,
} from "../../src/cli/settings.ts";

const all: readonly Group[] = Object.values(groups);

/** The settings that a command line makes. */
function given(...argv: readonly string[]): Settings {
  const { options, problem } = scan([...argv, "a.wasm"], commandNames);
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
    return report(error, "a.wasm");
  }
}

const host = {
  all: (): [string, string][] => [
    ["HOME", "/h"],
    ["LANG", "C"],
  ],
  get: (name: string) => (name === "HOME" ? "/h" : undefined),
};

function options(...argv: readonly string[]) {
  const { options: given, rest } = scan(argv, commandNames);
  const made = settings(given);
  assert.ok(!("help" in made));
  return guestOptions(made, rest, host, {});
}

describe("the option groups", () => {
  for (const group of all) {
    for (const [name, key] of Object.entries(group.keys)) {
      it(`-${group.short} ${name}`, () => {
        const { good, bad } = samples(key);
        for (const value of good) {
          for (const argv of spellings(group, `${name}${value}`)) {
            const said = refusal(...argv);
            if (said)
              assert.deepEqual(said, { status: 1, text: `Error: -${group.short} ${name} is not supported yet\n` });
            const values: Readonly<Record<string, unknown>> = given(...argv)[longName(group)];
            assert.deepEqual(Object.keys(values), [name]);
          }
        }
        for (const [value, why] of bad) {
          const text = `error: failed to parse -${group.short} option \`${name}${value}\`: ${why}\n`;
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
        const made = settings(scan(spelled, commandNames).options);
        assert.ok("help" in made);
        assert.equal(made.help, groupHelp(group));
      }
      const lines = groupHelp(group).split("\n");
      assert.equal(lines[0], `Available ${group.long} options:`);
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
    ["-Wsimd=n", "-W simd"],
    ["-Dcoredump=x", "-D coredump"],
    ["-Rpath=x", "-R path"],
    ["--profile=guest", "--profile"],
    ["--target=x", "--target"],
    ["--allow-precompiled", "--allow-precompiled"],
  ];
  for (const [argument, what] of refused) {
    it(`${argument} is refused by name`, () => {
      assert.deepEqual(refusal(argument), { status: 1, text: `Error: ${what} is not supported yet\n` });
    });
  }

  const accepted = [
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
        assert.deepEqual(refusal(`${option}=${rule}`), {
          status: 2,
          text: `error: ${said}\n\nFor more information, try '--help'.\n`,
        });
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

  it("refuses a malformed --preload", () => {
    const said =
      "invalid value 'a' for '--preload <NAME=MODULE_PATH>': must contain exactly one equals character ('=')";
    assert.deepEqual(refusal("--preload=a"), {
      status: 2,
      text: `error: ${said}\n\nFor more information, try '--help'.\n`,
    });
  });
});

describe("what a run is given", () => {
  it("nothing but the standard streams by default", () => {
    assert.deepEqual(options("dir/a.wasm"), {
      args: ["a.wasm"],
      env: [],
      stdin: true,
      stdout: true,
      stderr: true,
      limits: {},
      network: {
        inheritNetwork: false,
        tcp: undefined,
        udp: undefined,
        allowIpNameLookup: false,
        networkErrorCode: false,
      },
    });
  });

  it("the guest's own arguments", () => {
    const { args } = options("run", "-Stcp", "a.wasm", "-Sudp", "-h", "--", "007");
    assert.deepEqual(args, ["a.wasm", "-Sudp", "-h", "--", "007"]);
  });

  const directories: readonly (readonly [string, string, string])[] = [
    [".", ".", "."],
    ["a b/é", "a b/é", "a b/é"],
    ["/host::/guest", "/host", "/guest"],
    [".::", ".", ""],
    ["::x", "", "x"],
    ["a::b::c", "a", "b"],
    ["a:b", "a:b", "a:b"],
  ];
  for (const [value, host, guest] of directories) {
    it(`--dir ${value}: the directory ${host} as ${guest}`, () => {
      assert.deepEqual(options("--dir", value, "a.wasm").preopens, [{ host, guest }]);
    });
  }

  it("its directories in the order of --dir", () => {
    const { preopens } = options("--dir", "b", "--dir=a::z", "a.wasm");
    assert.deepEqual(preopens, [
      { host: "b", guest: "b" },
      { host: "a", guest: "z" },
    ]);
  });

  const names: readonly (readonly [readonly string[], string])[] = [
    [["/x/y/a.wasm"], "a.wasm"],
    [["./a.wasm"], "a.wasm"],
    [["-"], "-"],
    [["--argv0", "other", "/x/a.wasm"], "other"],
    [["--argv0=", "/x/a.wasm"], ""],
  ];
  for (const [argv, name] of names) {
    it(`argv[0] of ${argv.join(" ")}`, () => assert.equal(options(...argv).args[0], name));
  }

  it("the network as it was asked for, the last word counting", () => {
    const { network } = options("-Sinherit-network,tcp=n", "-Sudp=n", "-Sudp=y", "-Snetwork-error-code", "a");
    assert.deepEqual(network, {
      inheritNetwork: true,
      tcp: false,
      udp: true,
      allowIpNameLookup: false,
      networkErrorCode: true,
    });
    assert.equal(options("-Sallow-ip-name-lookup", "a").network.allowIpNameLookup, true);
  });

  it("the rules of the network, in their order, only where some are given", () => {
    const argv = ["--allow-net", "127.0.0.1:80", "--deny-net=*:*", "--allow-net=dns:a.example", "a"];
    const { rules } = options(...argv).network;
    assert.deepEqual(
      [rules?.allow.map(({ text }) => text), rules?.deny.map(({ text }) => text)],
      [["127.0.0.1:80", "dns:a.example"], ["*:*"]],
    );
    assert.equal(options("a").network.rules, undefined);
  });

  it("the environment: the host's first, then --env in order, repeats kept, what is unset left out", () => {
    const { env } = options(
      "--env",
      "A=1",
      "-Sinherit-env",
      "--env",
      "HOME",
      "--env=NONE",
      "--env",
      "A=2=3",
      "--env=E=",
      "a",
    );
    assert.deepEqual(env, [
      ["HOME", "/h"],
      ["LANG", "C"],
      ["A", "1"],
      ["HOME", "/h"],
      ["A", "2=3"],
      ["E", ""],
    ]);
  });

  it("the limits that were set", () => {
    const set = given("-Wmax-memory-size=0x10_0000", "-Wmax-table-elements=7", "-Wmax-instances=3");
    assert.deepEqual(moduleLimits(set), { memorySize: 0x100000, tableElements: 7, maxInstances: 3 });
    assert.deepEqual(options("-Smax-resources=8", "a").limits, { maxResources: 8 });
  });

  it("no stream that was taken away, and the working directory it is told", () => {
    const { stdin, stdout, stderr, cwd } = options(
      "-Sinherit-stdin=n,inherit-stdout=n",
      "-Sinherit-stderr=no",
      "-Scwd=/w",
      "a",
    );
    assert.deepEqual({ stdin, stdout, stderr, cwd }, { stdin: false, stdout: false, stderr: false, cwd: "/w" });
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
