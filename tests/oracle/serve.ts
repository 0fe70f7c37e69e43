/**
 * The tables of `serve` (tests/e2e/serve) on a real wasmtime, which is asked of each case what the table says that it answers, and
 * on Pollux, which may only differ where the table says so.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { guestFile } from "../e2e/host.ts";
import { HttpConnection } from "../e2e/serve/connection.ts";
import { type ServeCommand, Server } from "../e2e/serve/server.ts";
import {
  differences,
  fileOf,
  formatServeTable,
  isAnswer,
  parseServeTable,
  play,
  readTable,
  type ServeCase,
  tables,
} from "../e2e/serve/transcript.ts";

function isChosen(title: string, parts: readonly string[]): boolean {
  return parts.length === 0 || parts.some((part) => title.includes(part));
}

/** What each case answered, on one server. */
async function answersOf(command: ServeCommand, cases: readonly ServeCase[]): Promise<string[][]> {
  await using server = await Server.start(command, guestFile("http/serve"), ["-Sinherit-network"]);
  const answers: string[][] = [];
  for (const each of cases) {
    await using connection = await HttpConnection.dial(server.port);
    answers.push(await server.process.during(play(each, connection)));
  }
  return answers;
}

/**
 * Prints where Pollux does something else than the tables say of it.
 *
 * @returns Whether it does as they say
 */
export async function checkServe(name: string, command: ServeCommand, parts: readonly string[]): Promise<boolean> {
  let well = true;
  for (const table of tables) {
    const cases = readTable(table).filter(({ title }) => isChosen(title, parts));
    const answers = await answersOf(command, cases);
    let differing = 0;
    cases.forEach((each, i) => {
      for (const { sent, expected, seen } of differences(each, answers[i]!)) {
        differing++;
        console.log(`DIFFER    ${name}, ${each.title}: ${sent}\n  expected: ${expected}\n  Pollux:   ${seen}`);
      }
    });
    well &&= differing === 0;
    console.log(`${name}: serve, ${table}: ${cases.length} cases, ${differing} differ`);
  }
  return well;
}

/**
 * Prints where wasmtime says something else than the tables do.
 *
 * @param record Whether the tables are written anew instead: what Pollux does otherwise, and why, stays
 * @returns Whether they agree
 */
export async function compareServe(command: ServeCommand, parts: readonly string[], record: boolean): Promise<boolean> {
  let well = true;
  for (const table of tables) {
    const text = readFileSync(fileOf(table), "utf8");
    const cases = parseServeTable(text);
    const chosen = cases.filter(({ title }) => isChosen(title, parts));
    const answers = await answersOf(command, chosen);
    let differing = 0;
    chosen.forEach(({ title, steps }, i) => {
      steps.filter(isAnswer).forEach((step, j) => {
        const answer = answers[i]![j]!;
        if (step.text === "*" || step.text === answer) return;
        differing++;
        if (!record) console.log(`DIFFER    serve, ${title}\n  table:    ${step.text}\n  wasmtime: ${answer}`);
        step.text = answer;
      });
    });
    if (record) writeFileSync(fileOf(table), formatServeTable(text.slice(0, text.search(/^# /m)), cases));
    well &&= differing === 0;
    console.log(`serve, ${table}: ${chosen.length} cases, ${differing} differ${record ? "ed, written" : ""}`);
  }
  return well;
}
