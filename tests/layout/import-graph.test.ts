/** The folders of src and bin, and what they import of one another: docs/ARCHITECTURE.md says what they may. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { type Allowed, importsOf, readTable, type Sources, violations } from "./import-graph.ts";

const root = join(import.meta.dirname, "../..");
const allowed = readTable(readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8"));
const sources: Sources = new Map(
  globSync("{src,bin}/**/*.ts", { cwd: root }).map((file) => [
    file.replaceAll("\\", "/"),
    readFileSync(join(root, file), "utf8"),
  ]),
);

/** Types that define each other, each in a file of its own: a handle, its table and the instance that has it. */
const mutualTypes = ["guest-class", "handles", "state"].map((name) => `src/component/instance/${name}.ts`);

/** Files in one folder: more, and nobody finds his way. */
const MOST_FILES = 20;

describe("the import graph", () => {
  it("is what docs/ARCHITECTURE.md allows, without circles", () => {
    assert.deepEqual(violations(sources, allowed, mutualTypes), []);
  });

  it("covers all there is", () => {
    assert.ok(importsOf(sources).length > 1000);
  });

  it(`has no folder of more than ${MOST_FILES} files`, () => {
    const counts = new Map<string, number>();
    for (const path of sources.keys()) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    assert.deepEqual(
      [...counts].filter(([, count]) => count > MOST_FILES),
      [],
    );
  });
});

/** What is added to the real sources, and what is then said. */
const probes: readonly (readonly [path: string, text: string, said: string])[] = [
  [
    "src/adapters/posix/net/tcp.ts",
    'import { Condition } from "../../../core/wait/condition.ts";',
    "src/adapters/posix/net/tcp.ts imports src/core/wait/condition.ts: adapters/posix/net may not import core/wait",
  ],
  [
    "src/adapters/bun.ts",
    'import { writeErr } from "../cli/output/output.ts";',
    "src/adapters/bun.ts imports src/cli/output/output.ts: adapters may not import cli/output",
  ],
  [
    "src/wasi/p1/proc.ts",
    'import { settings } from "../../cli/options/settings.ts";',
    "src/wasi/p1/proc.ts imports src/cli/options/settings.ts: wasi/p1 may not import cli/options",
  ],
  [
    "src/wasi/p1/sock.ts",
    'import { TcpSocketResource } from "../p2/sockets/tcp-socket.ts";',
    "src/wasi/p1/sock.ts imports src/wasi/p2/sockets/tcp-socket.ts: wasi/p1 may not import wasi/p2/sockets",
  ],
  [
    "src/wasi/p2/cli/stdio.ts",
    'import { version } from "../../../cli/version.ts";',
    "src/wasi/p2/cli/stdio.ts imports src/cli/version.ts: wasi/p2/cli may not import cli",
  ],
  [
    "src/wasi/p2/io/streams.ts",
    'import { errno } from "../../p1/abi/errno.ts";',
    "src/wasi/p2/io/streams.ts imports src/wasi/p1/abi/errno.ts: wasi/p2/io may not import wasi/p1/abi",
  ],
  [
    "src/component/link/instantiate.ts",
    'import { instantiate } from "../../library/instantiate.ts";',
    "src/component/link/instantiate.ts imports src/library/instantiate.ts: component/link may not import library",
  ],
  [
    "src/component/abi/emitter.ts",
    'import type { Tracer } from "../../trace/tracer.ts";',
    "src/component/abi/emitter.ts imports src/trace/tracer.ts: component/abi may not import trace",
  ],
  [
    "src/component/host.ts",
    'import { runComponent } from "../run/component.ts";',
    "src/component/host.ts imports src/run/component.ts: component may not import run",
  ],
  [
    "src/library/run.ts",
    'import { report } from "../cli/report/report.ts";',
    "src/library/run.ts imports src/cli/report/report.ts: library may not import cli/report",
  ],
  [
    "src/inspect/wit.ts",
    'import { writeOut } from "../cli/output/output.ts";',
    "src/inspect/wit.ts imports src/cli/output/output.ts: inspect may not import cli/output",
  ],
  [
    "src/wasm/jspi.ts",
    'import {\n  mayWait,\n  type ResourceClass,\n} from "../component/host.ts";',
    "src/wasm/jspi.ts imports src/component/host.ts: wasm may not import component",
  ],
  [
    "src/core/wait/poll.ts",
    'export type { Reader } from "../../wasm/reader.ts";',
    "src/core/wait/poll.ts imports src/wasm/reader.ts: core/wait may not import wasm",
  ],
  [
    "src/machine/selector.ts",
    'const later = import("../core/wait/poll.ts");',
    "src/machine/selector.ts imports src/core/wait/poll.ts: machine may not import core/wait",
  ],
  [
    "src/net/fd.ts",
    'let made: typeof import("../library/net.ts");',
    "src/net/fd.ts imports src/library/net.ts: net may not import library",
  ],
  [
    "src/run/module.ts",
    "const computed = import(name);",
    "src/run/module.ts imports src/run/a computed path, which is not there",
  ],
  ["src/odd/one.ts", "export const one = 1;", "odd has no row in the table"],
  [
    "src/machine/error-code.ts",
    'import type { codes } from "./errno.ts";',
    "a circle of files: src/machine/errno.ts, src/machine/error-code.ts",
  ],
];

describe("an import that is forbidden is named", () => {
  for (const [path, text, said] of probes) {
    it(said, () => {
      const changed = new Map([...sources, [path, `${text}\n${sources.get(path) ?? ""}`]]);
      const found = violations(changed, allowed, mutualTypes);
      assert.ok(found.includes(said), found.join("\n"));
    });
  }

  it("a table that lets two folders import each other", () => {
    const circular: Allowed = new Map([...allowed, ["machine", ["core/wait"]]]);
    const found = violations(sources, circular, mutualTypes);
    assert.ok(
      found.some((said) => said.startsWith("a circle of folders: ") && said.includes("machine")),
      found.join("\n"),
    );
  });
});
