/**
 * Transcripts of tests/guests/http/serve behind a server, which say what it answers to a client:
 *
 *     # title
 *     > bytes that the client sends; >| it ends its side of the connection
 *     < an answer that it waits for, as wasmtime 48.0.8 gives it; <- one to a HEAD; * whatever it is
 *     ! what Pollux answers, where that is something else
 *     ? and why
 *     = what becomes of the connection
 *
 * An answer is `STATUS REASON (headers, by name) FRAMING BODY (trailers)`; of `date` the value is left out, and long bodies are
 * summed up. The connection `stays` if it takes another request, which the client makes when it has had all answers, and `closes`
 * if it does not; other answers that come before are put in front. Bytes are written as in ../http/transcript.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, lineOf } from "../http/transcript.ts";
import type { Answer, HeaderLine, HttpConnection } from "./connection.ts";

export const tables = ["requests", "fields", "bodies", "connections", "responses", "smuggling"] as const;

/** A line of a case that a server answers for, or that the client sends. */
export interface Step {
  readonly kind: ">" | ">|" | "<" | "<-" | "=";
  /** What is sent; what wasmtime answers. */
  text: string;
  ours: string | undefined;
  reason: string | undefined;
}

export interface ServeCase {
  readonly title: string;
  readonly steps: readonly Step[];
}

export function parseServeTable(text: string): ServeCase[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map((block) => {
      const [title = "", ...lines] = block.trimEnd().split("\n");
      const steps: Step[] = [];
      for (const line of lines) {
        const [, mark = "", rest = ""] = /^(>\||<-|[><=!?])(?: (.*))?$/.exec(line) ?? [];
        const last = steps.at(-1);
        if (mark === "!" && last !== undefined) last.ours = rest;
        else if (mark === "?" && last !== undefined) last.reason = rest;
        else if (isKind(mark)) steps.push({ kind: mark, text: rest, ours: undefined, reason: undefined });
        else throw new Error(`${title}: what is ${JSON.stringify(line)}?`);
      }
      return { title, steps };
    });
}

function isKind(mark: string): mark is Step["kind"] {
  return [">", ">|", "<", "<-", "="].includes(mark);
}

export function fileOf(table: (typeof tables)[number]): string {
  return join(import.meta.dirname, `${table}.txt`);
}

export function readTable(table: (typeof tables)[number]): ServeCase[] {
  return parseServeTable(readFileSync(fileOf(table), "utf8"));
}

/** Whether a server answers for the step. */
export function isAnswer({ kind }: Step): boolean {
  return kind !== ">" && kind !== ">|";
}

/** Where a server that is to do as Pollux did something else. */
export function differences(
  { steps }: ServeCase,
  answers: readonly string[],
): { sent: string; expected: string; seen: string }[] {
  const sent = steps.find(({ kind }) => kind === ">")?.text.slice(0, 200) ?? "";
  return steps.filter(isAnswer).flatMap(({ text, ours = text }, i) => {
    const seen = answers[i]!;
    return ours === "*" || ours === seen ? [] : [{ sent, expected: ours, seen }];
  });
}

/** @param head What stands before the first case */
export function formatServeTable(head: string, cases: readonly ServeCase[]): string {
  const blocks = cases.map(({ title, steps }) => {
    const lines = steps.flatMap(({ kind, text, ours, reason }) => [
      text === "" ? kind : `${kind} ${text}`,
      ...(ours === undefined ? [] : [`! ${ours}`]),
      ...(reason === undefined ? [] : [`? ${reason}`]),
    ]);
    return `# ${title}\n${lines.join("\n")}\n`;
  });
  return head + blocks.join("\n");
}

/** The most bytes that go out one at a time. */
const TRICKLED = 3000;

/** Of more bytes the size of a piece: no power of two. */
const PIECE = 997;

/**
 * Goes through a case. Returns what each step that a server answers for came to, in their order.
 *
 * @param inPieces Whether each byte is sent by itself, and no more of many than a piece
 */
export async function play({ steps }: ServeCase, connection: HttpConnection, inPieces = false): Promise<string[]> {
  const seen: string[] = [];
  let ended = false;
  for (const { kind, text } of steps) {
    if (kind === ">" && inPieces) await trickle(connection, bytesOf(text));
    else if (kind === ">") connection.send(bytesOf(text));
    else if (kind === ">|") {
      connection.end();
      ended = true;
    } else if (kind === "=") seen.push(await outcome(connection, ended));
    else seen.push(describe(await connection.answer(kind === "<-" ? "HEAD" : "GET")));
  }
  return seen;
}

async function trickle(connection: HttpConnection, bytes: Uint8Array): Promise<void> {
  const size = bytes.length > TRICKLED ? PIECE : 1;
  const last = lastOfClosing(bytes);
  let i = 0;
  for (; i < last; i += size) await connection.sendAll(bytes.subarray(i, i + size));
  if (i < bytes.length) await connection.sendAll(bytes.subarray(i));
}

/** A GET that has the server close. */
const closing = /^GET \S+ HTTP\/(?:1\.0\r\n|1\.1\r\n(?:[^\r\n]+\r\n)*Connection: close\r\n)(?:[^\r\n]+\r\n)*\r\n/;

/**
 * Where the last byte of a request is behind which the server closes; the number of bytes if there is none. What comes when it has
 * closed is answered with a reset, and a socket of Node's that learns of one when it writes forgets what it has not read: all
 * that is behind such a request goes out with its last byte.
 */
function lastOfClosing(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString("latin1");
  const head = closing.exec(text)?.[0];
  return head === undefined || head.length === text.length ? text.length : head.length - 1;
}

/** What answers to one more request, which asks for the end of the connection. */
async function outcome(connection: HttpConnection, ended: boolean): Promise<string> {
  if (!ended) connection.send("GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n");
  const answers: string[] = [];
  for (;;) {
    const answer = await connection.answer();
    if (answer === undefined) break;
    const last = !ended && answer.status === 404 && answer.body.toString() === "no such path\n";
    answers.push(last ? "stays" : describe(answer));
  }
  if (answers.at(-1) !== "stays") answers.push("closes");
  return answers.join("; ");
}

export function describe(answer: Answer | undefined): string {
  if (answer === undefined) return "closed";
  const { version, status, reason, framing, body, trailers, cut } = answer;
  const page = body.toString("latin1", 0, 9) === "<!doctype";
  const fields = answer.headers.filter(([name]) => !(page && name.toLowerCase() === "content-length"));
  const parts = [`${version === "1.1" ? "" : `HTTP/${version} `}${status} ${reason}`, list(fields)];
  if (framing !== "none") parts.push(framing, page ? "a page" : summary(body));
  if (trailers.length > 0) parts.push(list(trailers));
  if (cut) parts.push("cut off");
  return parts.filter((part) => part !== "").join(" ");
}

function list(fields: readonly HeaderLine[]): string {
  const lines = fields.map(([name, value]) => {
    const known = name.toLowerCase();
    return known === "date" ? known : `${known}: ${lineOf(Buffer.from(value, "latin1"))}`;
  });
  const byName = (a: string, b: string) => a.split(":")[0]!.localeCompare(b.split(":")[0]!);
  return `(${lines.toSorted(byName).join(", ")})`;
}

/** A body as it is, if a line can hold it. */
function summary(body: Buffer): string {
  if (body.length <= 1000) return lineOf(body);
  return `[${body.length} bytes, sum ${body.reduce((sum, byte) => sum + byte, 0)}]`;
}
