/**
 * Prints the matrix: every option of the command line on every host, with a terminal and without.
 *
 *     node tests/matrix/run.ts [part of a row's name]...
 *
 * `works`: with its effect; `says why`: one message refuses it. Ends with status 1 when a host does something else, of which
 * the whole text follows.
 */
import { availableParallelism } from "node:os";
import process from "node:process";
import type { Host } from "../e2e/host.ts";
import { listeningFd } from "./listener.ts";
import { makePlaces, matrixHosts, tryRow } from "./matrix.ts";
import { expectedOn, type Row, rowName } from "./row.ts";
import { allRows } from "./rows/rows.ts";
import { Terminals } from "./terminals.ts";

const parts = process.argv.slice(2);
using places = await makePlaces();
await using terminals = new Terminals();
await using listener = await listeningFd();
const fixtures = { terminals, listener: listener.fd };
const rows = allRows(places).filter((row) => {
  const name = `${row.option} ${rowName(row)}`;
  return parts.length === 0 || parts.some((part) => name.includes(part));
});
const hosts = matrixHosts.filter(({ skip }) => skip === false);

const failures = new Map<string, string>();
const names = rows.map((row) => `${row.option}: ${rowName(row)}`);
const width = Math.min(100, Math.max(...names.map(({ length }) => length)));
const columns = hosts.map(({ name }) => Math.max(name.length, "says why".length));
const line = (name: string, texts: readonly string[]) =>
  console.log([name.padEnd(width), ...texts.map((text, i) => text.padEnd(columns[i]!))].join("  ").trimEnd());

line(
  "",
  hosts.map(({ name }) => name),
);
const waiting = rows.entries();
const cells: (readonly string[] | undefined)[] = [];
let printed = 0;
await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane));
const reasons = new Set(rows.flatMap(({ otherwise }) => (otherwise === undefined ? [] : [otherwise.because])));
console.log(`\nHosts differ because:\n${[...reasons].map((reason) => `  ${reason}\n`).join("")}`);
for (const [name, text] of failures) console.log(`${name}: ${text.replaceAll(/\n(?=.)/g, "\n    ")}`);
console.log(`${rows.length} rows on ${hosts.length} hosts: ${failures.size} failures`);
process.exitCode = failures.size === 0 ? 0 : 1;

/** Takes rows until there are none; each is printed when those before it are. */
async function lane(): Promise<void> {
  for (const [i, row] of waiting) {
    const texts: string[] = [];
    for (const host of hosts) texts.push(await cell(row, host));
    cells[i] = texts;
    for (; cells[printed] !== undefined; printed++) line(names[printed]!, cells[printed]!);
  }
}

async function cell(row: Row, host: Host): Promise<string> {
  const wrong: string[] = [];
  for (const terminal of row.listener === true ? [false] : [false, true]) {
    const found = await tryRow(row, host, terminal, fixtures);
    if (found === undefined) continue;
    const where = terminal ? "a terminal" : "no terminal";
    wrong.push(where);
    failures.set(`${rowName(row)}, on ${host.name}, ${where}`, found);
  }
  if (wrong.length > 0) return `FAILS with ${wrong.join(" and ")}`;
  return expectedOn(host, row).verdict === "works" ? "works" : "says why";
}
