/**
 * wasi:http by chance: responses of the tables with some of their bytes changed, and requests of chosen parts, each asked of
 * wasmtime and of Pollux, which are to say the same.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Guest, guestFile } from "../e2e/host.ts";
import {
  answersOf,
  type Case,
  GONE,
  lineOf,
  parseTranscript,
  RawServer,
  scriptOf,
  withCode,
} from "../e2e/http/transcript.ts";

/** Cases that a guest goes through in one run. */
const BATCH = 400;

/** Bytes that mean something. */
const telling = "\r\n \t:;,0123456789abcdefHTP/.-%\0\x7f\xff";

/** Prints each case in which they differ. @returns How many did, and of how many */
export async function fuzz(
  theirs: readonly string[],
  ours: readonly string[],
  seconds: number,
  seed: number,
): Promise<{ differing: number; cases: number }> {
  const chance = new Chance(seed);
  const seeds = parseTranscript(readFileSync(join(import.meta.dirname, "../e2e/http/responses.txt"), "utf8"))
    .flatMap(({ response }) => response?.bytes ?? [])
    .filter(({ length }) => length < 2000);
  let differing = 0;
  let cases = 0;
  for (const until = Date.now() + 1000 * seconds; Date.now() < until; ) {
    const batch = Array.from({ length: BATCH }, () =>
      chance.below(3) > 0 ? response(chance, seeds) : request(chance),
    );
    const [expected, seen] = [await ask(theirs, batch), await ask(ours, batch)];
    cases += batch.length;
    batch.forEach((each, i) => {
      if (agree(each, expected[i]!, seen[i]!)) return;
      differing++;
      const what =
        each.response === undefined ? each.steps.map(({ command }) => command).join("; ") : lineOf(each.response.bytes);
      console.log(`DIFFER    ${what}\n  wasmtime: ${expected[i]!.join(" | ")}\n  Pollux:   ${seen[i]!.join(" | ")}`);
    });
  }
  return { differing, cases };
}

/** The answers, and what the server saw, of each case. */
async function ask(command: readonly string[], batch: readonly Case[]): Promise<string[][]> {
  const { server, authority } = await RawServer.start(batch);
  await using _ = server;
  await using guest = new Guest([...command, "-Shttp", guestFile("http/probe")], {});
  guest.input(scriptOf(batch, authority));
  const { stdout } = await guest.outcome();
  const answers = answersOf(batch, stdout.toString(), authority);
  return answers.map((each, i) => (batch[i]!.response === undefined ? [...each, server.lineOf(i, authority)] : each));
}

function agree(each: Case, expected: readonly string[], seen: readonly string[]): boolean {
  if (expected.includes(GONE) || seen.includes(GONE)) return false;
  if (expected.every((answer, i) => withCode(answer) === seen[i])) return true;
  // hyper loses a response when more than that comes with it.
  return each.response !== undefined && expected.at(-1) === "error HTTP-protocol-error" && /^\d/.test(seen.at(-1)!);
}

function response(chance: Chance, seeds: readonly Buffer[]): Case {
  let bytes: Buffer = Buffer.from(chance.of(seeds));
  for (let edits = 1 + chance.below(4); edits > 0; edits--) {
    const at = chance.below(bytes.length + 1);
    const put = Buffer.from(Array.from({ length: chance.below(4) }, () => chance.byte()));
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + chance.below(4))]);
  }
  const commands = ["request", `method :${chance.of(["get", "get", "get", "head", "post"])}`];
  return caseOf([...commands, "scheme :HTTP", "authority @", "path /", "send", "answer"], bytes);
}

const names = [
  "a",
  "B",
  "x-y",
  "cookie",
  "accept",
  "trailer",
  "te",
  "expect",
  "content-length",
  "host",
  "date",
  "!#",
  "__proto__",
];
const values = ["%", "1", "x", "x,y", "a%20b", "%09c", "caf%C3%A9", "%FF", "%0A", "chunked", "0", "3", "close"];
const paths = [
  "/",
  "/a",
  "/?",
  "/a?b=c",
  "/%25",
  "/a#b",
  '/"',
  "/{}",
  "/%C3%A9",
  "//",
  "/a b".replace(" ", "%20"),
  "/^`|",
];

function request(chance: Chance): Case {
  const commands: string[] = [];
  const field = () => `${chance.of(names)} ${chance.of(values)}`;
  for (let fields = chance.below(6); fields > 0; fields--) {
    commands.push(
      chance.below(4) > 0 ? `append ${field()}` : chance.of([`set ${field()}`, `delete ${chance.of(names)}`]),
    );
  }
  commands.push("entries", "request");
  commands.push(`method ${chance.of([":get", ":post", ":put", ":delete", "PURGE", "get", "POST", ":options"])}`);
  commands.push("scheme :HTTP", "authority @", `path ${chance.of(paths)}`);
  if (chance.below(2) > 0) {
    commands.push("body");
    if (chance.below(3) > 0) commands.push(`write ${chance.of(["a", "abc", "%00%FF", "x".repeat(300)])}`);
    if (chance.below(3) > 0) commands.push(`write ${chance.of(["b", "de", "%0D%0A"])}`);
    commands.push(`finish${chance.below(2) > 0 ? ` ${chance.of(["a", "x-y", "b", "te", "x"])} 1 x 2` : ""}`);
  }
  commands.push("send", "answer");
  return caseOf(commands, undefined);
}

function caseOf(commands: readonly string[], bytes: Buffer | undefined): Case {
  const steps = commands.map((command) => ({ command, answer: "", ours: undefined, reason: undefined }));
  return { title: "", steps, response: bytes && { bytes, line: "< " }, seen: undefined };
}

/** Numbers by chance, the same of the same seed (mulberry32). */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  byte(): number {
    return this.below(2) > 0 ? telling.charCodeAt(this.below(telling.length)) : this.below(256);
  }
}
