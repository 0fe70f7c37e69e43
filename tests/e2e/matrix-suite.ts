/**
 * Every option on every host (tests/matrix): half of the product, so that each option is seen on each host, and both with a
 * terminal and without. `npm run matrix` runs all of it, and prints it.
 */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { after, describe, it } from "node:test";
import { listeningFd } from "../matrix/listener.ts";
import { makePlaces, tryRow } from "../matrix/matrix.ts";
import { type Row, rowName } from "../matrix/row.ts";
import { allRows } from "../matrix/rows/rows.ts";
import { Terminals } from "../matrix/terminals.ts";
import type { Host } from "./host.ts";

/** @param odd Whether the first row has no terminal on the first host. */
export async function matrixSuite(hosts: readonly Host[], odd: boolean): Promise<void> {
  const places = await makePlaces();
  const terminals = new Terminals();
  const listener = await listeningFd();
  const fixtures = { terminals, listener: listener.fd };
  after(async () => {
    await terminals[Symbol.asyncDispose]();
    await listener[Symbol.asyncDispose]();
    places[Symbol.dispose]();
  });
  const rows = together(allRows(places));
  for (const [column, host] of hosts.entries()) {
    describe(`options on ${host.name}`, { skip: host.skip, concurrency: availableParallelism() }, () => {
      for (const [i, row] of rows.entries()) {
        const terminal = row.listener !== true && (i + column) % 2 === Number(odd);
        it(`${rowName(row).slice(0, 200)}${terminal ? ", in a terminal" : ""}`, async () => {
          const wrong = await tryRow(row, host, terminal, fixtures);
          if (wrong !== undefined) assert.fail(wrong);
        });
      }
    });
  }
}

/** Options without effect are given all at once. */
function together(all: readonly Row[]): Row[] {
  const plain = Map.groupBy(
    all.filter((row) => row.plain === true),
    ({ option }) => option.slice(0, 2),
  );
  const merged = [...plain.values()].map((group): Row => {
    const [row] = group;
    const words = ["run", ...group.flatMap((each) => each.words.slice(1, -1)), row!.words.at(-1)!];
    return { ...row!, option: "without effect", words };
  });
  return [...all.filter((row) => row.plain !== true), ...merged];
}
