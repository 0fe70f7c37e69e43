/**
 * Command lines put together at random of all that the tables of options name, with values right and wrong: each is refused in one
 * error, or runs the guest. Never a bug of ours, never a stack trace.
 *
 *     OPTION_COMBINATIONS=100000 node tests/run.ts --on=node hostile/option-combinations     makes as many
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkComponent, checkEngine, checkModule, checkWatch } from "../../src/cli/options/combinations.ts";
import { runFlags } from "../../src/cli/options/flags.ts";
import { groups } from "../../src/cli/options/groups/groups.ts";
import { guestOptions, moduleLimits } from "../../src/cli/options/guest-options.ts";
import { settings } from "../../src/cli/options/read-settings.ts";
import { scan } from "../../src/cli/options/scan.ts";
import { refuseLacking } from "../../src/cli/options/unsupported.ts";
import { Failure } from "../../src/cli/output/failure.ts";
import { here } from "../cli/here.ts";
import { guestFile } from "../e2e/host.ts";

const runs = Number(process.env["OPTION_COMBINATIONS"] ?? 3000);
/** Of so many in-process, one is run by a process. */
const SHARE = 60;

const value = fc.oneof(
  fc.constantFrom(
    "",
    "y",
    "n",
    "0",
    "1",
    "-1",
    "65536",
    "1e9",
    "0x10",
    "18446744073709551616",
    "30s",
    "1ms",
    "127.0.0.1:0",
  ),
  fc.constantFrom(
    "a=b",
    "a,b",
    "::",
    "tcp:*",
    "10.0.0.0/8:80",
    "json",
    "text",
    "none",
    "{}",
    "\u0000",
    "\u202e",
    "é",
    "[]",
  ),
  fc.string({ maxLength: 8 }),
);

// What would read other files, write some, wait for changes, or listen belongs to the matrix.
const leftOut = new Set(["config", "trace-file", "watch", "dir", "mapdir", "preload", "help", "version", "verbose"]);
const keysLeftOut = new Set(["help", "cache-config", "tcplisten", "listenfd", "timeout", "http"]);

const flagWords = fc
  .tuple(fc.constantFrom(...runFlags.filter(({ long }) => !leftOut.has(long))), value, fc.boolean())
  .map(([{ long }, given, bare]) => (bare ? `--${long}` : `--${long}=${given}`));
const keyWords = fc
  .constantFrom(...Object.values(groups))
  .chain(({ short, keys }) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(keys).filter((name) => !keysLeftOut.has(name))), value, fc.boolean())
      .map(([name, given, bare]) => `-${short}${bare ? name : `${name}=${given}`}`),
  );
const words = fc.array(fc.oneof({ weight: 1, arbitrary: flagWords }, { weight: 3, arbitrary: keyWords }), {
  maxLength: 6,
});

/** What a run does with them before it reads a file. */
function interpret(argv: readonly string[]): void {
  const { options, problem } = scan(["run", ...argv, "a.wasm"]);
  if (problem !== undefined) throw problem;
  const given = settings(options);
  if (!("watch" in given)) return;
  refuseLacking(given);
  checkEngine(given);
  checkWatch(given, "a.wasm");
  moduleLimits(given);
  for (const check of [() => checkComponent(given, "a.wasm"), () => checkModule(given)]) {
    try {
      check();
    } catch (error) {
      refused(error);
    }
  }
  guestOptions(given, ["a.wasm"], { all: () => [], get: () => undefined }, {});
}

/** @throws what is no refusal */
function refused(error: unknown): void {
  const names = ["UsageError", "UnsupportedOption", "LimitError", "PolicyError"];
  if (error instanceof Failure || (error instanceof Error && names.includes(error.name))) {
    assert.ok(error.message.length > 0);
    return;
  }
  throw error;
}

describe("options at random", () => {
  it("are taken, or refused in an error of ours", () => {
    fc.assert(
      fc.property(words, (argv) => {
        try {
          interpret(argv);
        } catch (error) {
          refused(error);
        }
      }),
      { seed: 20261130, numRuns: runs },
    );
  });

  const binary = here.find(({ name }) => name === "binary");
  it("run the guest, or end in one error", {
    skip: binary === undefined ? "once is enough: by the binary" : binary.skip,
  }, () => {
    const [program = ""] = binary!.command;
    fc.assert(
      fc.property(
        words.filter((argv) => argv.every((word) => !word.includes("\u0000"))),
        (argv) => {
          const { status, signal, stderr } = spawnSync(program, ["run", ...argv, guestFile("hello")], {
            encoding: "utf8",
            input: "",
            timeout: 30_000,
          });
          assert.equal(signal, null, stderr);
          assert.ok([0, 1, 2].includes(status!), `${status} ${stderr}`);
          assert.doesNotMatch(stderr, /bug in Pollux|^ +at .*:\d+:\d+/m);
        },
      ),
      { seed: 20261130, numRuns: Math.ceil(runs / SHARE) },
    );
  });
});
