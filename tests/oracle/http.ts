/**
 * The tables of wasi:http (tests/e2e/http) on a real wasmtime, which is asked of each case what the table says that it answers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Guest, guestFile } from "../e2e/host.ts";
import { answersOf, formatTranscript, parseTranscript, RawServer, scriptOf, tables } from "../e2e/http/transcript.ts";

/**
 * Prints where wasmtime says something else than the tables do.
 *
 * @param record Whether the tables are written anew instead: what Pollux does otherwise, and why, stays
 * @returns Whether they agree
 */
export async function compareTables(command: readonly string[], record: boolean): Promise<boolean> {
  let well = true;
  for (const table of tables) {
    const file = join(import.meta.dirname, `../e2e/http/${table}.txt`);
    const text = readFileSync(file, "utf8");
    const cases = parseTranscript(text);
    const { server, authority } = await RawServer.start(cases);
    await using _ = server;
    await using guest = new Guest([...command, "-Shttp", guestFile("http/probe")], {});
    guest.input(scriptOf(cases, authority));
    const { stdout, stderr } = await guest.outcome();
    if (stderr !== "") console.log(`DIFFER    http, ${table}: wasmtime says ${stderr}`);
    const answers = answersOf(cases, stdout.toString(), authority);
    let differing = 0;
    cases.forEach(({ title, steps, seen }, i) => {
      const got = [...answers[i]!, server.lineOf(i, authority)];
      [...steps, ...(seen === undefined ? [] : [seen])].forEach((step, j) => {
        const answer = step === seen ? got.at(-1)! : got[j]!;
        if (step.answer === "*" || step.answer === answer) return;
        differing++;
        if (!record)
          console.log(`DIFFER    http, ${title}: ${step.command}\n  table: ${step.answer}\n  wasmtime: ${answer}`);
        step.answer = answer;
      });
    });
    if (record) writeFileSync(file, formatTranscript(text.slice(0, text.search(/^# /m)), cases));
    well &&= differing === 0 && stderr === "";
    console.log(`http, ${table}: ${cases.length} cases, ${differing} differ${record ? "ed, written" : ""}`);
  }
  return well;
}
