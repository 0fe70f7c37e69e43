/** `pollux serve`: from its words to a server's settings. What is refused is refused in clap's words, and Rust's. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settings } from "../../../src/cli/options/read-settings.ts";
import { scan } from "../../../src/cli/options/scan.ts";
import type { Settings } from "../../../src/cli/options/settings.ts";
import { refuseLacking } from "../../../src/cli/options/unsupported.ts";
import { UsageError } from "../../../src/cli/output/usage-error.ts";

function given(words: readonly string[]): Settings {
  const { command, options, rest, problem } = scan(["serve", ...words]);
  assert.equal(command, "serve");
  const made = settings(options, true);
  if (problem) throw problem;
  assert.deepEqual(rest, ["a.wasm"]);
  assert.ok(!("help" in made));
  return made;
}

const ipv4 = (address: readonly number[], port: number) => ({
  tag: "tcp",
  address: { tag: "ipv4", val: { port, address } },
});
const ipv6 = (address: readonly number[], port: number, scopeId = 0) => ({
  tag: "tcp",
  address: { tag: "ipv6", val: { port, flowInfo: 0, address, scopeId } },
});

describe("what a server is given", () => {
  it("wasmtime's defaults, and safe limits", () => {
    assert.deepEqual(given(["a.wasm"]).serve, {
      addresses: [],
      shutdownAddress: undefined,
      logPrefix: true,
      headers: [],
      limits: {
        maxConnections: 1000,
        maxRequests: 1000,
        maxHeaders: 100,
        maxHeaderSize: 65536,
        maxBodySize: undefined,
        headerTimeout: 10_000_000_000n,
        idleTimeout: 60_000_000_000n,
      },
      maxInstanceReuse: undefined,
      maxConcurrentReuse: undefined,
      idleInstanceTimeout: 1_000_000_000n,
      gracePeriod: 10_000_000_000n,
    });
  });

  it("each option, before the file and after it, beside those of run", () => {
    const { serve, wasi, dirs, watch } = given([
      ...["--addr=127.0.0.1:0", "--shutdown-addr", "[::1]:9", "--no-logging-prefix", "-Sinherit-network,listenfd"],
      ...["-H", "a: b", "a.wasm", "-H@more", "--addr", "unix:/run/p", "--dir=d", "--watch"],
      ...["--max-concurrent-requests=+7", "--max-concurrent-connections", "8", "--max-instance-reuse-count=0009"],
      ...["--max-instance-concurrent-reuse-count=10", "--idle-instance-timeout=1500ms", "--idle-timeout=5"],
      ...["--header-timeout", "6s", "--max-headers=1", "--max-header-size=2", "--max-body-size=3", "--grace-period=0"],
    ]);
    assert.deepEqual(serve, {
      addresses: [ipv4([127, 0, 0, 1], 0), { tag: "unix", path: "/run/p" }],
      shutdownAddress: ipv6([0, 0, 0, 0, 0, 0, 0, 1], 9).address,
      logPrefix: false,
      headers: ["a: b", "@more"],
      limits: {
        maxConnections: 8,
        maxRequests: 7,
        maxHeaders: 1,
        maxHeaderSize: 2,
        maxBodySize: 3,
        headerTimeout: 6_000_000_000n,
        idleTimeout: 5_000_000_000n,
      },
      maxInstanceReuse: 9,
      maxConcurrentReuse: 10,
      idleInstanceTimeout: 1_500_000_000n,
      gracePeriod: 0n,
    });
    assert.deepEqual(
      [wasi, dirs, watch],
      [{ "inherit-network": true, listenfd: true }, [{ host: "d", guest: "d" }], "restart"],
    );
  });

  it("--listenfd as -Slistenfd", () => assert.equal(given(["--listenfd", "a.wasm"]).wasi.listenfd, true));

  it("none of what may be none", () => {
    const { serve } = given([
      "--max-instance-reuse-count=0",
      "--max-instance-concurrent-reuse-count=0",
      "--max-body-size=0",
      "a.wasm",
    ]);
    assert.deepEqual([serve.maxInstanceReuse, serve.maxConcurrentReuse, serve.limits.maxBodySize], [0, 0, 0]);
  });

  it("a number that is larger than any there will be", () => {
    const { limits } = given(["--max-body-size=18446744073709551615", "a.wasm"]).serve;
    assert.equal(limits.maxBodySize, Number.MAX_SAFE_INTEGER);
  });

  const addresses: readonly (readonly [string, object])[] = [
    ["0.0.0.0:8080", ipv4([0, 0, 0, 0], 8080)],
    ["1.2.3.4:000080", ipv4([1, 2, 3, 4], 80)],
    ["[::]:65535", ipv6([0, 0, 0, 0, 0, 0, 0, 0], 65535)],
    ["[fe80::1%2]:80", ipv6([0xfe80, 0, 0, 0, 0, 0, 0, 1], 80, 2)],
    ["[::ffff:1.2.3.4]:0", ipv6([0, 0, 0, 0, 0, 0xffff, 0x102, 0x304], 0)],
    ["unix:./a b", { tag: "unix", path: "./a b" }],
    [`unix:/${"é".repeat(51)}`, { tag: "unix", path: `/${"é".repeat(51)}` }],
  ];
  for (const [text, address] of addresses) {
    it(`--addr ${text}`, () => assert.deepEqual(given(["--addr", text, "a.wasm"]).serve.addresses, [address]));
  }
});

const NO_SYNTAX = "invalid socket address syntax";

describe("values that are refused", () => {
  const cases: readonly (readonly [option: string, value: string, why: string])[] = [
    ...["", "x", "localhost:8080", ":80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:+80", "1.2.3.4:65536", "01.2.3.4:6"].map(
      (value) => ["--addr <SOCKADDR>", value, NO_SYNTAX] as const,
    ),
    ...["::1:80", "[::1]", "[1.2.3.4]:80", "[::1%lo]:80", "[::1%4294967296]:80", "[::1]:80 ", "UNIX:/x"].map(
      (value) => ["--addr <SOCKADDR>", value, NO_SYNTAX] as const,
    ),
    ["--addr <SOCKADDR>", "unix:", "a unix socket needs a path"],
    ["--addr <SOCKADDR>", "unix:/\0", "a path has no NUL"],
    ["--addr <SOCKADDR>", `unix:/${"x".repeat(103)}`, "the path of a unix socket has at most 103 bytes"],
    ["--addr <SOCKADDR>", `unix:/${"é".repeat(52)}`, "the path of a unix socket has at most 103 bytes"],
    ["--shutdown-addr <SOCKADDR>", "x", NO_SYNTAX],
    ["--shutdown-addr <SOCKADDR>", "unix:/x", NO_SYNTAX],
    ["--max-concurrent-requests <MAX_CONCURRENT_REQUESTS>", "0", "must be at least 1"],
    ["--max-concurrent-connections <MAX_CONCURRENT_CONNECTIONS>", "00", "must be at least 1"],
    ["--max-headers <N>", "0", "must be at least 1"],
    ["--max-header-size <BYTES>", "0", "must be at least 1"],
    ...[
      ["--max-concurrent-requests", "<MAX_CONCURRENT_REQUESTS>"],
      ["--max-concurrent-connections", "<MAX_CONCURRENT_CONNECTIONS>"],
      ["--max-instance-reuse-count", "<MAX_INSTANCE_REUSE_COUNT>"],
      ["--max-instance-concurrent-reuse-count", "<MAX_INSTANCE_CONCURRENT_REUSE_COUNT>"],
      ["--max-headers", "<N>"],
      ["--max-header-size", "<BYTES>"],
      ["--max-body-size", "<BYTES>"],
    ].flatMap(([name, placeholder]) =>
      [
        ["", "cannot parse integer from empty string"],
        ["-1", "invalid digit found in string"],
        ["1_0", "invalid digit found in string"],
        ["0x1", "invalid digit found in string"],
        ["+", "invalid digit found in string"],
        ["99999999999999999999", "number too large to fit in target type"],
      ].map(([value = "", why = ""]) => [`${name} ${placeholder}`, value, why] as const),
    ),
    ...[
      ["--idle-instance-timeout", "<IDLE_INSTANCE_TIMEOUT>"],
      ["--idle-timeout", "<DURATION>"],
      ["--header-timeout", "<DURATION>"],
      ["--grace-period", "<DURATION>"],
    ].flatMap(([name, placeholder]) =>
      ["", "1x", "1.5", "-1", "s"].map(
        (value) => [`${name} ${placeholder}`, value, `failed to parse duration: ${value}`] as const,
      ),
    ),
  ];
  for (const [option, value, why] of cases) {
    const [name] = option.split(" ");
    it(`${name}=${value}`, () => {
      const said = `invalid value '${value}' for '${option}': ${why}\n\n  tip: a value of the right form: '${name}=`;
      assert.throws(
        () => given([`${name}=${value}`, "a.wasm"]),
        (error) => error instanceof UsageError && error.message.startsWith(said),
      );
    });
  }
});

describe("command lines that are refused", () => {
  const usage = (words: string) => `\n\nUsage: pollux serve ${words}\n\nFor more information, try '--help'.`;
  const toPass = (word: string) => `\n\n  tip: to pass '${word}' as a value, use '-- ${word}'`;
  const meant = (option: string) => `\n\n  tip: a similar argument exists: '${option}'`;
  const cases: readonly (readonly [words: readonly string[], message: string])[] = [
    [["a.wasm", "b"], `unexpected argument 'b' found${usage("[OPTIONS] <WASM>")}`],
    [["--addr", "0.0.0.0:1", "a.wasm", "b"], `unexpected argument 'b' found${usage("[OPTIONS] <WASM>")}`],
    [["a.wasm", "--", "b"], `unexpected argument 'b' found${usage("[OPTIONS] <WASM>")}`],
    [["a.wasm", "-"], `unexpected argument '-' found${usage("[OPTIONS] <WASM>")}`],
    [["--", "a.wasm", "--", "b"], `unexpected argument '--' found${usage("[OPTIONS] <WASM>")}`],
    [["a.wasm", "--invoke", "x"], `unexpected argument '--invoke' found${toPass("--invoke")}${usage("<WASM>")}`],
    [["--argv0=x"], `unexpected argument '--argv0' found${meant("--target")}${usage("--target <TARGET> <WASM>")}`],
    [["a.wasm", "-x"], `unexpected argument '-x' found${toPass("-x")}${usage("[OPTIONS] <WASM>")}`],
    [
      ["--addr", "1.1.1.1:1", "a.wasm", "--adr", "x"],
      `unexpected argument '--adr' found${meant("--addr")}${usage("--addr <SOCKADDR> <WASM>")}`,
    ],
    [["--max-concurrent-requests", "-1"], `unexpected argument '-1' found${toPass("-1")}${usage("[OPTIONS] <WASM>")}`],
    [
      ["--no-logging-prefix", "--no-logging-prefix"],
      `the argument '--no-logging-prefix' cannot be used multiple times${usage("[OPTIONS] <WASM>")}`,
    ],
    [
      ["--no-logging-prefix=x"],
      `unexpected value 'x' for '--no-logging-prefix' found; no more were expected${usage("--no-logging-prefix <WASM>")}`,
    ],
    [
      ["--header"],
      "a value is required for '--header <HEADER>' but none was supplied\n\nFor more information, try '--help'.",
    ],
  ];
  for (const [words, message] of cases) {
    it(words.join(" "), () =>
      assert.throws(
        () => given(words),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.message, message);
          return true;
        },
      ),
    );
  }

  it("what run lacks, too", () => {
    assert.throws(() => refuseLacking(given(["-Snn", "a.wasm"])), { message: "-S nn is not supported yet" });
  });
});
