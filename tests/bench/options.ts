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
}

export const usage = `usage: bench [options]

  --quick        shorter samples, fewer rounds and rows
  --only ROW     only the rows whose id starts with ROW (repeatable), e.g. echo, idle-4000, hello, calls
  --hosts LIST   of native,wasmtime,bun,deno,node,binary
  --json FILE    also writes every sample as JSON
  --markdown     prints the tables as Markdown
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
  };
}
