/** `run --stats`: its option, its arithmetic, and as real processes on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { Stats } from "../../../src/cli/stats/stats.ts";
import { Numbers, readNumbers } from "../../../src/cli/stats/stats-numbers.ts";
import { plantLibc, Temporary } from "../../core/files/tree.ts";
import { guestFile, type Host, hosts } from "../../e2e/host.ts";
import { describeOption } from "../options/option-table.ts";

describeOption("stats", [
  ["a.wasm", undefined],
  ["--stats a.wasm", "text"],
  ["--stats=text a.wasm", "text"],
  ["run --stats=json a.wasm", "json"],
  ["--stats -v a.wasm", "text"],
  ["a.wasm --stats", undefined],
  ["--stats=xml a.wasm", /^invalid value 'xml' for '--stats\[=<FORMAT>\]': expected text or json/],
  ["--stats= a.wasm", /^invalid value ''/],
]);

describe("Numbers", () => {
  it("are seen by name from what is shared", () => {
    const numbers = new Numbers();
    assert.deepEqual([...readNumbers(numbers.shared)], []);
    numbers.slot("a é").value = 1.5;
    numbers.slot("b").value++;
    numbers.slot("a é").value += 1;
    assert.deepEqual(
      [...readNumbers(numbers.shared)],
      [
        ["a é", 2.5],
        ["b", 1],
      ],
    );
  });

  it("beyond so many are not kept", () => {
    const numbers = new Numbers();
    for (let i = 0; i < 2000; i++) numbers.slot(`interface ${i}`).value = i;
    const kept = [...readNumbers(numbers.shared)];
    assert.equal(kept.length, 512);
    assert.ok(kept.every(([name, value]) => name === `interface ${value}`));
    numbers.slot("x".repeat(100_000)).value = 1;
    assert.equal(readNumbers(numbers.shared).size, 512);
  });
});

describe("Stats", () => {
  /** The phases entered at these times, and the report asked for at the last. */
  function stats(...times: readonly number[]): Stats {
    const left = [...times];
    return new Stats(new Numbers(), () => left.shift()!);
  }

  it("adds up what each phase took, in the order of a run", () => {
    const made = stats(10, 11.5, 20, 24, 25, 100);
    for (const phase of ["read", "link", "compile", "link", "run"] as const) made.enter(phase);
    const expected = { start: 10, read: 1.5, link: 9.5, compile: 4, run: 75 };
    assert.deepEqual(JSON.parse(made.report("json")), { phases: expected, total: 100 });
  });

  it("writes a line a phase", () => {
    const made = stats(1.23456, 1234.5);
    made.enter("read");
    assert.equal(
      made.report("text"),
      ["start         1.235 ms", "read       1233.265 ms", "total      1234.500 ms", ""].join("\n"),
    );
  });
});

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";

function pollux(host: Host, args: readonly string[]) {
  const [program, ...first] = host.command;
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  const { error, status, stdout, stderr } = spawnSync(program!, [...first, ...args], options);
  if (error) throw error;
  return { status, stdout, stderr };
}

/** What --stats=json says, which is the last line. */
function last(stderr: string): {
  readonly phases: Record<string, number>;
  readonly calls: Record<string, number>;
  readonly bytes: Record<string, { readonly in: number; readonly out: number }>;
  readonly waited: number;
} {
  return JSON.parse(stderr.replace(/\n$/, "").split("\n").at(-1)!);
}

for (const host of hosts.filter(({ name }) => name === runtime)) {
  describe(`--stats on ${host.name}`, () => {
    it("says on stderr what the phases of a run took", () => {
      const { status, stdout, stderr } = pollux(host, ["run", "--stats", guestFile("hello")]);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "hello, world\n" });
      const names = stderr.match(/^\w+(?= +\d+\.\d{3} ms$)/gm);
      assert.deepEqual(names, ["start", "read", "machine", "parse", "link", "compile", "run", "total", "waited"]);
    });

    it("counts calls, bytes, polls and handles", () => {
      const { stderr } = pollux(host, ["--stats=json", "--trace=random", guestFile("hello")]);
      const { calls, bytes, polls, waited, handles }: Record<string, unknown> = JSON.parse(stderr.split("\n").at(-2)!);
      assert.deepEqual(calls, { "wasi:cli/stdout": 1, "wasi:io/streams": 1 });
      assert.deepEqual(bytes, { sockets: { in: 0, out: 0 }, files: { in: 0, out: 0 }, stdio: { in: 0, out: 13 } });
      assert.deepEqual([typeof polls, typeof waited, handles], ["number", "number", 1]);
    });

    it("counts a core module's calls", () => {
      const { stderr } = pollux(host, ["--stats=json", guestFile("p1/files")]);
      const { calls, bytes } = last(stderr);
      assert.deepEqual([Object.keys(calls), bytes["stdio"]], [["wasi_snapshot_preview1"], { in: 0, out: 55 }]);
    });

    for (const wait of ["blocking", "suspending"]) {
      it(`counts the descriptors that a core module had at once: ${wait}`, () => {
        using base = new Temporary();
        const flags = ["--stats=json", `--wait=${wait}`, `--dir=${base.path}::/`];
        const { status, stderr } = pollux(host, [...flags, guestFile("p1/files")]);
        const { handles }: { handles: number } = JSON.parse(stderr);
        // Stdio, the directory, and in it one at a time.
        assert.deepEqual([status, handles], [0, 5]);
      });
    }

    it("counts what files carry", () => {
      using base = new Temporary();
      const { status, stderr } = pollux(host, [
        "--stats=json",
        ...plantLibc(base.path),
        guestFile("behaviour/files-libc"),
      ]);
      const { bytes }: { bytes: { files: { in: number; out: number } } } = JSON.parse(stderr);
      assert.equal(status, 0);
      assert.ok(bytes.files.in > 0 && bytes.files.out > 0, stderr);
    });

    for (const wait of ["blocking", "suspending"]) {
      it(`counts what sockets carry, and the waits: ${wait}`, () => {
        const flags = ["-Sinherit-network", "--stats=json", `--wait=${wait}`];
        const { status, stderr } = pollux(host, [...flags, guestFile("behaviour/tcp-streams")]);
        const found: { bytes: { sockets: { in: number; out: number } }; polls: number } = JSON.parse(stderr);
        assert.equal(status, 0);
        assert.ok(found.bytes.sockets.in > 0 && found.bytes.sockets.out > 0 && found.polls > 0, stderr);
      });
    }

    it("says so of a run that ends in an error too", () => {
      const { status, stderr } = pollux(host, ["--stats=json", guestFile("trap"), "unreachable"]);
      assert.equal(status, 134);
      assert.ok(last(stderr).phases["run"]! > 0);
      assert.match(stderr, /^Error: failed to run main module/);
    });

    it("a hint stands before it", () => {
      const { stderr } = pollux(host, ["--stats=json", guestFile("tcpecho"), "127.0.0.1:0"]);
      assert.match(stderr, /^hint: /m);
      assert.equal(last(stderr).calls["wasi:sockets/tcp-create-socket"], 1);
    });

    const ends: readonly (readonly [string, readonly string[], number])[] = [
      ["waits", [guestFile("tcpecho"), "127.0.0.1:0", "--no-ticks"], 1],
      ["computes", [guestFile("cpu"), "4000000000"], 0],
    ];
    for (const [what, args, least] of ends) {
      it(`says of a guest that ${what} until -Wtimeout what it did until then`, () => {
        const until = (timeout: string, stats = "--stats=json") =>
          pollux(host, [stats, `-Wtimeout=${timeout}`, "-Sinherit-network", ...args]);
        const early = ({ phases, waited }: ReturnType<typeof last>) =>
          !(phases["run"]! > 100) || (what === "waits" && waited <= 100);
        let { status, stderr } = until("3s");
        // A busy machine may have taken all of that to get to the guest.
        if (early(last(stderr))) ({ status, stderr } = until("30s"));
        assert.equal(status, 134);
        assert.match(stderr, /^Error: timed out after deadline has elapsed\n/);
        const { phases, calls, waited } = last(stderr);
        if (what === "waits") assert.ok(waited > 100 && waited <= phases["run"]!, stderr);
        assert.ok(phases["run"]! > 100 && phases["run"]! < 60_000, stderr);
        assert.ok((calls["wasi:sockets/tcp-create-socket"] ?? 0) >= least, stderr);
        const text = until("3s", "--stats").stderr;
        assert.match(text, /^total +\d+\.\d{3} ms\nwaited +\d/m);
      });
    }

    it("says of a file that cannot be read how far it came", () => {
      const { status, stderr } = pollux(host, ["--stats=json", "nope.wasm"]);
      assert.equal(status, 1);
      assert.match(stderr, /^Error: failed to open wasm module/);
      assert.deepEqual(Object.keys(last(stderr).phases), ["start", "read"]);
    });
  });
}
