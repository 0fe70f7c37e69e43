/**
 * Transcripts of tests/guests/http/probe, which say what a host answers to a guest and to a server:
 *
 *     # title
 *     > command of the guest
 *     what wasmtime 48.0.8 answers to it
 *     ! what Pollux does, where that is something else
 *     ? and why
 *     < what the server answers to the request, once it has all of it; without it, an empty 200
 *     = what the server has got (wasmtime's, or after it `!` Pollux's)
 *
 * A case with `<` and without commands is a GET. Bytes are \r \n \t \\ \xNN, and {1000*a} is a thousand of them. `<+`: the server
 * does not close the connection afterwards.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export const tables = ["types", "requests", "responses"] as const;

export interface Step {
  readonly command: string;
  answer: string;
  ours: string | undefined;
  reason: string | undefined;
}

export interface Case {
  readonly title: string;
  readonly steps: Step[];
  readonly response: { readonly bytes: Buffer; readonly line: string } | undefined;
  /** What the server is to see; undefined: nobody asks. */
  seen: Step | undefined;
}

const ok = "HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n";

export function parseTranscript(text: string): Case[] {
  const cases: Case[] = [];
  for (const block of text.split(/^# /m).slice(1)) {
    const [title = "", ...lines] = block.trimEnd().split("\n");
    let response: Case["response"];
    let seen: Step | undefined;
    const steps: Step[] = [];
    let last: Step | undefined;
    for (const line of lines) {
      const rest = line.slice(2);
      if (line.startsWith("> ")) {
        last = { command: rest, answer: "", ours: undefined, reason: undefined };
        steps.push(last);
      } else if (/^<[ +]/.test(line)) {
        response = { bytes: bytesOf(line.slice(2)), line };
        if (steps.length === 0) {
          steps.push(...["request", "scheme :HTTP", "authority @", "path /", "send", "answer"].map(silent));
          last = steps.at(-1);
        }
      } else if (line.startsWith("= ") || line === "=") {
        seen = { command: "", answer: rest, ours: undefined, reason: undefined };
        last = seen;
      } else if (line.startsWith("! ") && last !== undefined) last.ours = rest;
      else if (line.startsWith("? ") && last !== undefined) last.reason = rest;
      else if (line !== "" && last !== undefined) last.answer = line;
    }
    cases.push({ title, steps, response, seen });
  }
  return cases;
}

/** A command whose answer nobody asks for. */
function silent(command: string): Step {
  return { command, answer: "*", ours: undefined, reason: undefined };
}

export function formatTranscript(head: string, cases: readonly Case[]): string {
  const blocks = cases.map(({ title, steps, response, seen }) => {
    const lines = [`# ${title}`];
    const plain = steps[0]?.answer === "*";
    if (plain && response !== undefined) lines.push(response.line);
    for (const step of plain ? steps.slice(-1) : steps) {
      if (!plain) lines.push(`> ${step.command}`);
      lines.push(step.answer, ...differenceOf(step));
    }
    if (!plain && response !== undefined) lines.push(response.line);
    if (seen !== undefined) lines.push(`= ${seen.answer}`, ...differenceOf(seen));
    return `${lines.join("\n")}\n`;
  });
  return [head, ...blocks].join("\n");
}

function differenceOf({ ours, reason }: Step): string[] {
  return ours === undefined ? [] : [`! ${ours}`, `? ${reason ?? ""}`];
}

/** The script that has the guest go through these cases, one after the other. */
export function scriptOf(cases: readonly Case[], authority: string): string {
  return cases
    .map(({ steps }, i) => {
      const sent = steps.some(({ command }) => command === "send");
      const commands = steps.map(({ command }) =>
        command.replace(/^authority @/, `authority ${authority}`).replace(/^path \//, sent ? `path /${i}/` : "path /"),
      );
      return [`case ${i}`, ...commands].join("\n");
    })
    .join("\n");
}

/** In the place of an answer: there is none. */
export const GONE = "(the guest has ended)";

/** What was answered to each step of each case. */
export function answersOf(cases: readonly Case[], stdout: string, authority: string): string[][] {
  const lines = stdout.split("\n").map((line) => line.replaceAll(authority, "@"));
  let at = 0;
  return cases.map(({ steps }, i) => {
    if (lines[at] !== `case ${i}`) return steps.map(() => GONE);
    at++;
    return steps.map(() => {
      const line = lines[at];
      if (line === undefined || line === "" || line.startsWith("case ")) return GONE;
      at++;
      // Whose number is the case's.
      return line.replace(` @ /${i}/`, " @ /");
    });
  });
}

/** The bytes that a line of a transcript stands for. */
export function bytesOf(text: string): Buffer {
  const repeated = text.replace(/\{(\d+)\*((?:[^}\\]|\\x..|\\.)+)\}/g, (_, times: string, what: string) =>
    what.repeat(Number(times)),
  );
  const plain = repeated.replace(/\\(?:x(..)|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined
      ? ({ r: "\r", n: "\n", t: "\t" }[letter] ?? letter)
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, "latin1");
}

/** Bytes as a line of a transcript; long runs of one are counted. */
export function lineOf(bytes: Buffer): string {
  const escaped = (character: string): string => {
    const known = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\", "{": "\\x7b" }[character];
    const code = character.charCodeAt(0);
    return known ?? (code >= 0x20 && code < 0x7f ? character : `\\x${code.toString(16).padStart(2, "0")}`);
  };
  return bytes
    .toString("latin1")
    .replace(/(.)\1{63,}|[\s\S]/g, (run) => (run.length > 1 ? `{${run.length}*${escaped(run[0]!)}}` : escaped(run)));
}

/** A server that answers the request to /N/.. with the response of case N, and keeps what it was sent. */
export class RawServer implements AsyncDisposable {
  readonly seen: (Buffer | undefined)[] = [];
  readonly #cases: readonly Case[];
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(cases: readonly Case[]) {
    this.#cases = cases;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  static async start(cases: readonly Case[]): Promise<{ server: RawServer; authority: string }> {
    const server = new RawServer(cases);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return { server, authority: `127.0.0.1:${(server.#server.address() as AddressInfo).port}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** What case `i` has sent, as a line. */
  lineOf(i: number, authority: string): string {
    const bytes = this.seen[i];
    return bytes === undefined ? "(nothing)" : lineOf(bytes).replaceAll(authority, "@").replaceAll(`/${i}/`, "/");
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    let got = Buffer.alloc(0);
    let answered = false;
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
      const number = Number(/^\S+ \/(\d+)\//.exec(got.toString("latin1", 0, 200))?.[1] ?? Number.NaN);
      if (Number.isNaN(number)) return;
      this.seen[number] = got;
      const response = this.#cases[number]?.response;
      if (answered || !isWhole(got)) return;
      answered = true;
      socket.write(response?.bytes ?? bytesOf(ok));
      if (response?.line[1] === " ") socket.end();
    });
    socket.on("end", () => socket.end());
  }
}

/** Whether the request is complete. */
function isWhole(got: Buffer): boolean {
  const end = got.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = got.toString("latin1", 0, end).toLowerCase();
  const rest = got.toString("latin1", end + 4);
  if (/\r\ntransfer-encoding: chunked/.test(head)) return /(^|\r\n)0\r\n([^\r\n]+\r\n)*\r\n$/.test(rest);
  return rest.length >= Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
}

/**
 * wasmtime 48 loses the error-code of a body that fails on its way from one of its types of errors to another, and what its
 * future-trailers then answer is that there were none.
 */
export function withCode(answer: string): string {
  return answer.replace(/error of another kind$/, "error HTTP-protocol-error trailers error HTTP-protocol-error");
}

/** Compares what a host answered with what it is to answer. */
export function assertCase(each: Case, answers: readonly string[], seen: string): void {
  each.steps.forEach(({ command, answer, ours }, i) => {
    if (answer !== "*") assert.equal(answers[i], ours ?? withCode(answer), command);
  });
  if (each.seen !== undefined) assert.equal(seen, each.seen.ours ?? each.seen.answer, "what the server got");
}
