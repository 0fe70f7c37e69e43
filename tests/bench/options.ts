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
  /** What to soak instead of measuring; undefined: measure. */
  readonly soak: Soak | undefined;
}

export interface Soak {
  readonly command: "run" | "serve";
  /** For so long a host; of `serve` a guest. */
  readonly seconds: number;
}

export const usage = `usage: bench [options]

  --quick        shorter samples, fewer rounds and rows
  --only ROW     only the rows whose id starts with ROW (repeatable), e.g. echo, idle-4000, hello, calls
  --hosts LIST   of native,wasmtime,bun,deno,node,binary
  --json FILE    also writes every sample as JSON
  --markdown     prints the tables as Markdown
  --chart        measures throughput against idle connections and draws it into docs/scale.svg
  --soak         instead of measuring, soaks the binary (or --hosts, one after the other) with an echo server
  --soak-serve   the same with HTTP servers, one of WASI 0.2 and one of 0.3
  --minutes N    each for so long, 10 if not given; or
  --seconds N
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
      "soak-serve": { type: "boolean", default: false },
      minutes: { type: "string" },
      seconds: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    quick: values.quick,
    markdown: values.markdown,
    only: values.only,
    hosts: values.hosts?.split(","),
    json: values.json,
    chart: values.chart,
    soak: soakOf(values),
  };
}

interface SoakWords {
  readonly soak: boolean;
  readonly "soak-serve": boolean;
  readonly minutes?: string | undefined;
  readonly seconds?: string | undefined;
}

function soakOf({ soak, "soak-serve": serve, minutes, seconds }: SoakWords): Soak | undefined {
  const [name, given, unit] = seconds === undefined ? ["--minutes", minutes, 60] : ["--seconds", seconds, 1];
  const duration = Number(given ?? 10) * unit;
  if (!(duration > 0)) throw new Error(`${name} ${given}: not a number above 0`);
  if (soak && serve) throw new Error("--soak and --soak-serve: one of them at a time");
  if (soak || serve) return { command: serve ? "serve" : "run", seconds: duration };
  if (given !== undefined) throw new Error(`${name} goes with --soak and --soak-serve`);
  return undefined;
}
