/**
 * Programs in pseudo-terminals of their own, on Bun, which has them. Reads a JSON object a line, runs them all at once, and
 * writes one a line when each has ended.
 */
import process from "node:process";
import { createInterface } from "node:readline";

export interface TerminalJob {
  readonly id: number;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What ends it at once: a question that nobody answers. */
  readonly never: string;
  /** What is typed, when `after` has been shown. */
  readonly typed: readonly { readonly after: string; readonly text: string }[];
}

export interface TerminalEnd {
  readonly id: number;
  readonly end: number | string;
  /** All that was shown, as a file would have it: without control sequences, lines ended by \n alone. */
  readonly shown: string;
}

/** ECMA-48's, as far as anybody here writes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const CONTROL_SEQUENCES = /\x1b\[[\d;]*[A-Za-z]/g;

/** One that still runs hangs, ms. */
const PATIENCE = 60_000;

async function inTerminal({ id, command, env, typed, never }: TerminalJob): Promise<TerminalEnd> {
  const left = [...typed];
  const decoder = new TextDecoder();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let shown = "";
  const type = (terminal: Bun.Terminal) => {
    for (let next = left[0]; next !== undefined && shown.includes(next.after); next = left[0]) {
      left.shift();
      terminal.write(next.text);
    }
  };
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env },
    terminal: {
      data(terminal, bytes) {
        shown += decoder.decode(bytes, { stream: true });
        if (shown.includes(never)) child.kill("SIGKILL");
        type(terminal);
      },
      exit: () => resolve(),
    },
  });
  if (child.terminal !== undefined) type(child.terminal);
  const timer = setTimeout(() => {
    shown += `\nstill running after ${PATIENCE / 1000} s\n`;
    child.kill("SIGKILL");
  }, PATIENCE);
  await child.exited;
  clearTimeout(timer);
  await closed;
  return { id, end: child.signalCode ?? child.exitCode ?? -1, shown: plain(shown) };
}

/** Without colours, and without the progress bars that Deno takes away before there were any. */
function plain(shown: string): string {
  return shown.replaceAll(CONTROL_SEQUENCES, "").replaceAll("\r", "");
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    const job: TerminalJob = JSON.parse(line);
    void inTerminal(job).then((end) => process.stdout.write(`${JSON.stringify(end)}\n`));
  }
}
