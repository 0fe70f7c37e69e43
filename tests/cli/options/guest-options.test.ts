/** From the options of a command line to what the guest is given. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guestOptions, moduleLimits } from "../../../src/cli/options/guest-options.ts";
import { type HelpText, settings } from "../../../src/cli/options/read-settings.ts";
import { scan } from "../../../src/cli/options/scan.ts";
import type { Settings } from "../../../src/cli/options/settings.ts";

/** The settings that a command line makes. */
function given(...argv: readonly string[]): Settings {
  const { options, problem } = scan([...argv, "a.wasm"]);
  if (problem) throw problem;
  const made: Settings | HelpText = settings(options);
  assert.ok(!("help" in made));
  return made;
}

const host = {
  all: (): [string, string][] => [
    ["HOME", "/h"],
    ["LANG", "C"],
  ],
  get: (name: string) => (name === "HOME" ? "/h" : undefined),
};

function options(...argv: readonly string[]) {
  const { options: given, rest } = scan(argv);
  const made = settings(given);
  assert.ok(!("help" in made));
  return guestOptions(made, rest, host, {});
}

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
    const set = given("-Wmax-memory-size=0x10_0000", "-Wmax-table-elements=7");
    assert.deepEqual(moduleLimits(set), { memorySize: 0x100000, tableElements: 7 });
    assert.deepEqual(options("-Wmax-instances=3,max-tables=4,max-memories=5", "a").limits, {
      maxInstances: 3,
      maxTables: 4,
      maxMemories: 5,
    });
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
