/** Many instances in one process: what a further one of a component takes, what many leave behind, what one bears of another. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Bench, measureRow } from "./bench.ts";
import { serve } from "./process.ts";
import { type Beside, budget } from "./rows.ts";
import { guestPath, interpreters } from "./runners.ts";

type Host = keyof typeof interpreters;

const bare: Beside = { suffix: ", bare", mark: "e", title: "what the engine alone takes" };
const alone: Beside = { suffix: ", alone", mark: "a", title: "the same by itself" };

/** What lets a program collect garbage. */
const collecting: Readonly<Record<Host, readonly string[]>> = {
  bun: [],
  deno: ["--v8-flags=--expose-gc"],
  node: ["--expose-gc"],
};

interface PairRow {
  readonly id: string;
  readonly title: string;
  readonly beside: Beside;
  readonly guest?: string;
  command(host: Host): readonly string[];
}

const rows: readonly PairRow[] = [
  ...further("tcpecho", "tcpecho", 1000),
  ...further("cpython", "build/pyecho", 20),
  {
    id: "two-polls",
    title: "a poll of 4,000 idle beside a busy guest",
    beside: alone,
    command: (host) => [...interpreters[host], programPath("two-polls"), "4000"],
  },
];

/** The rows of a guest's further instances. @param count Each sample is the median of so many */
function further(name: string, guest: string, count: number): readonly PairRow[] {
  return [
    { id: `second-${name}`, title: `a further instance of ${name}`, args: [] },
    { id: `second-${name}-collected`, title: "    garbage collected before each", args: ["--collect"] },
  ].map(({ id, title, args }) => ({
    id,
    title,
    beside: bare,
    guest,
    command: (host) => [
      ...interpreters[host],
      ...collecting[host],
      programPath("second-instance"),
      guestPath(guest),
      `${count}`,
      ...args,
    ],
  }));
}

function programPath(name: string): string {
  return join(import.meta.dirname, "programs", `${name}.ts`);
}

/** Adds what a further instance takes, what thousands of runs do, and what a poll does beside another guest. */
export async function measureInstances(bench: Bench): Promise<void> {
  const hosts = bench.runners.flatMap(({ id }) => (id in interpreters ? [id as Host] : []));
  for (const row of rows) if (bench.wants(row.id)) await measurePair(bench, row, hosts);
  if (bench.wants("many-runs")) await measureRuns(bench, hosts);
}

/** Adds a row of what a program measures, and what it measures beside it. */
async function measurePair(
  bench: Bench,
  { guest, command, beside: other, ...row }: PairRow,
  hosts: readonly Host[],
): Promise<void> {
  if (guest !== undefined && !existsSync(guestPath(guest)))
    return bench.leaveOut(row.id, `tests/guests/${guest}.wasm is not built`);
  const besides = new Map<string, number[]>();
  const budgets = hosts.map((host) => budget(host, "<=", 2, `${host}${other.suffix}`, "issue 13"));
  await measureRow(
    { add: (measured) => bench.add({ ...measured, samples: new Map([...measured.samples, ...besides]) }) },
    { ...row, unit: "us", budgets, besides: [other] },
    {
      columns: new Map(hosts.map((host) => [host, host])),
      rounds: bench.quick ? 1 : 3,
      sample: async (host) => {
        const { measured, beside } = await printed(command(host));
        const key = `${host}${other.suffix}`;
        besides.set(key, [...(besides.get(key) ?? []), beside!]);
        return measured!;
      },
    },
  );
}

const runs = 5000;

/** Adds what a run of a compiled component takes, of thousands one after the other, and what is resident then. */
async function measureRuns(bench: Bench, hosts: readonly Host[]): Promise<void> {
  const resident = new Map<string, number[]>();
  const failures = await measureRow(
    bench,
    { id: "many-runs", title: "hello, compiled, each of 5,000 runs", unit: "us", budgets: [] },
    {
      columns: new Map(hosts.map((host) => [host, host])),
      rounds: bench.quick ? 1 : 2,
      sample: async (host) => {
        const { us, residentMiB } = await printed([
          ...interpreters[host],
          programPath("many-runs"),
          guestPath("hello"),
          `${runs}`,
        ]);
        resident.set(host, [...(resident.get(host) ?? []), residentMiB!]);
        return us!;
      },
    },
  );
  bench.add({
    id: "many-runs-memory",
    title: "    resident after them",
    unit: "MiB",
    samples: resident,
    failures,
    // Kept memories would be a GiB.
    budgets: hosts.map((column) => ({ column, limits: [{ atMost: 256 }], source: "issue 13" })),
  });
}

/** What a program prints, a line of JSON; it may open as many files as a server. */
async function printed(command: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const program = await serve(command, /^(\{.*\})$/m, 120_000);
  await program.end();
  return JSON.parse(program.ready[1]!) as Record<string, number>;
}
