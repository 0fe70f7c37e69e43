/** Runs rows of the matrix on hosts, with a terminal and without, and says what is wrong with the outcome. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Guest, type Host, hosts, hostsWithoutFfi } from "../e2e/host.ts";
import { writeGuests } from "./guests.ts";
import { expectedOn, type Row, type Text } from "./row.ts";
import type { Places } from "./rows/places.ts";
import type { Terminals } from "./terminals.ts";

export const matrixHosts: readonly Host[] = [...hosts, ...hostsWithoutFfi];

/** Makes what the rows name. */
export async function makePlaces(): Promise<Places & Disposable> {
  const directory = mkdtempSync(join(tmpdir(), "pollux-matrix-"));
  writeFileSync(join(directory, "hello.txt"), "from a file\n");
  writeFileSync(join(directory, "options.toml"), "[wasi]\ninherit-stdout = false\n");
  writeFileSync(join(directory, "cache.toml"), "[cache]\n");
  const remove = () => rmSync(directory, { recursive: true });
  return { directory, guests: await writeGuests(directory), [Symbol.dispose]: remove };
}

/** What no host may ever say: that it is at fault, where in its own code it was, or a question. */
const never: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a bug", /this is a bug in Pollux|Uncaught/],
  ["a stack trace of our own", /^ +at .*(?:file:|\.[jt]s:|native:|bunfs)/m],
  ["a prompt", /Deno requests|Allow\? \[/],
  ["two errors", /^[eE]rror: [\s\S]*^[eE]rror: /m],
];

export interface Fixtures {
  readonly terminals: Terminals;
  /** The fd of a listening socket. */
  readonly listener: number;
}

/** Runs it. Answers what is wrong; undefined: nothing is. */
export async function tryRow(row: Row, host: Host, terminal: boolean, fixtures: Fixtures): Promise<string | undefined> {
  const { end, stdout, stderr } = terminal ? await inTerminal(row, host, fixtures) : await piped(row, host, fixtures);
  const expected = expectedOn(host, row);
  const wrong = never.filter(([, pattern]) => pattern.test(stdout + stderr)).map(([what]) => what);
  if (end !== expected.end) wrong.push(`ended with ${end}, not ${expected.end}`);
  if (terminal) {
    // It shows both, and what was typed.
    const silent = expected.stdout === "" && expected.stderr === "" && row.input === undefined;
    for (const text of [expected.stdout, expected.stderr])
      if (!(silent ? stdout === "" : isIn(stdout, text))) wrong.push("shows something else");
  } else {
    if (!is(stdout, expected.stdout)) wrong.push("another stdout");
    if (!is(stderr, expected.stderr)) wrong.push("another stderr");
  }
  const { writes, otherwise } = row;
  if (writes !== undefined && otherwise?.on(host) !== true) {
    if (!writes.text.test(readFileSync(writes.path, "utf8"))) wrong.push("another file");
    rmSync(writes.path);
  }
  return wrong.length === 0 ? undefined : `${wrong.join("; ")}\n${stdout}${stderr}`;
}

function is(text: string, expected: Text): boolean {
  return typeof expected === "string" ? text === expected : expected.test(text);
}

function isIn(text: string, expected: Text): boolean {
  return typeof expected === "string" ? text.includes(expected) : new RegExp(expected.source, "m").test(text);
}

interface Ended {
  readonly end: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function piped(
  { words, input, interruptAt, env, listener }: Row,
  host: Host,
  fixtures: Fixtures,
): Promise<Ended> {
  const pass = listener === true ? [fixtures.listener] : [];
  await using guest = new Guest([...host.command, ...words], env ?? {}, pass);
  guest.input(input ?? "");
  if (interruptAt !== undefined) {
    // A host that refuses it ends before.
    const interrupt = guest.waitFor(new RegExp(interruptAt), "stderr").then(() => guest.kill("SIGINT"));
    await Promise.race([interrupt, guest.ended]);
    interrupt.catch(() => {});
  }
  const { status, signal, stdout, stderr } = await guest.outcome();
  return { end: signal ?? status, stdout: stdout.toString(), stderr };
}

async function inTerminal(
  { words, input, interruptAt, env }: Row,
  host: Host,
  { terminals }: Fixtures,
): Promise<Ended> {
  const typed = [
    ...(input === undefined ? [] : [{ after: "", text: `${input}\x04` }]),
    ...(interruptAt === undefined ? [] : [{ after: interruptAt, text: "\x03" }]),
  ];
  const { end, shown } = await terminals.run({
    command: [...host.command, ...words],
    env: { TERM: "xterm", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    typed,
    never: "Allow? [",
  });
  return { end, stdout: shown, stderr: "" };
}
