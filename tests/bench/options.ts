/** The command line of the benchmark. */
import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly quick: boolean;
  readonly markdown: boolean;
  /** Prefixes of row ids; empty: every row. */
  readonly only: readonly string[];
  /** Ids of runners; undefined: all that are here. */
  readonly hosts: readonly string[] | undefined;
  /** Where to write everything measured, samples included. */
  readonly json: string | undefined;
  /** Whether the scale curve is measured and drawn, and nothing else unless `only` says so. */
  readonly chart: boolean;
  /** Soak for so many minutes a host instead of measuring; undefined: measure. */
  readonly soakMinutes: number | undefined;
}

export const usage = `usage: bench [options]

  --quick        shorter samples, fewer rounds and rows
  --only ROW     only the rows whose id starts with ROW (repeatable), e.g. echo, idle-4000, hello, calls
  --hosts LIST   of native,wasmtime,bun,deno,node,binary
  --json FILE    also writes every sample as JSON
  --markdown     prints the tables as Markdown
  --chart        measures throughput against idle connections and draws it into docs/scale.svg
  --soak         instead of measuring, soaks the binary (or --hosts, one after the other)
  --minutes N    for so long a host, 10 if not given
  --help`;

/** Answers undefined when help was asked for. Throws an Error with a sentence for what it does not know. */
export function parseOptions(argv: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      hosts: { type: "string" },
      json: { type: "string" },
      chart: { type: "boolean", default: false },
      soak: { type: "boolean", default: false },
      minutes: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const minutes = Number(values.minutes ?? 10);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: not a number above 0`);
  if (values.minutes !== undefined && !values.soak) throw new Error("--minutes goes with --soak");
  return {
    quick: values.quick,
    markdown: values.markdown,
    only: values.only,
    hosts: values.hosts?.split(","),
    json: values.json,
    chart: values.chart,
    soakMinutes: values.soak ? minutes : undefined,
  };
}
