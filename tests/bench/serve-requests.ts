/**
 * The requests of the soak of `serve`, each with what has to come of it: tests/guests/http/serve.c and tests/guests/rust/serve3
 * have them under the same paths, where not told otherwise.
 */
import { setTimeout as pass } from "node:timers/promises";
import type { Answer, HttpConnection } from "../e2e/serve/connection.ts";
import { get } from "../e2e/serve/server.ts";

export type Version = "0.2" | "0.3";

/** What a server did that it may not do. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
  /** Whether a trap of another request of the same instance looks so: status 500, a body that is cut off, or a reset. */
  readonly likeTrap: boolean;

  constructor(what: string, likeTrap: boolean) {
    super(what);
    this.likeTrap = likeTrap;
  }
}

export interface Kind {
  readonly name: string;
  /** How often it is drawn. */
  readonly weight: number;
  /** Whether it ends the guest's instance, with what else that has under way. */
  readonly traps?: true;
  /** Unless given the connection is kept. `gone`: the client breaks it off, and waits for no answer. */
  readonly end?: "closed" | "gone";
  /** @throws WrongAnswer */
  run(connection: HttpConnection): Promise<void>;
}

const KiB = 1024;
const MiB = 1024 * KiB;
const random = Uint8Array.from({ length: 2 * MiB }, () => below(256));
const pattern = Uint8Array.from({ length: 4 * MiB }, (_, i) => i & 255);

export function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

/** Sizes spread over the powers of two up to `limit`, bytes. */
function drawSize(limit: number): number {
  return 1 + below(2 ** (1 + below(Math.log2(limit))));
}

/** So many bytes, from anywhere. */
function drawBody(size: number): Uint8Array {
  const start = below(MiB);
  return random.subarray(start, start + size);
}

/** What is sent, and drawn how often, of a guest of that version. */
export function kindsOf(version: Version): readonly Kind[] {
  const stream = version === "0.2" ? "chunks" : "stream";
  // Of 0.3 each takes up to 15 others with it.
  const trapWeight = version === "0.2" ? 3 : 0.2;
  return [
    { name: "hello", weight: 30, run: (connection) => text(connection, get("/hello"), "Hello, World!\n") },
    { name: "down", weight: 8, run: (connection) => down(connection, stream, 1 + below(16), drawSize(64 * KiB)) },
    { name: "up", weight: 8, run: (connection) => up(connection, drawBody(drawSize(MiB)), 0) },
    { name: "both ways", weight: 8, run: echo },
    { name: "trailers", weight: 6, run: trailers },
    { name: "sleep", weight: 4, run: (connection) => text(connection, get("/sleep/20"), "slept\n") },
    { name: "slow reader", weight: 3, run: (connection) => slowReader(connection, stream) },
    { name: "slow sender", weight: 3, run: (connection) => up(connection, drawBody(256 * KiB), 20) },
    { name: "unread body", weight: 3, end: "closed", run: unreadBody },
    { name: "trap", weight: trapWeight, traps: true, run: (connection) => failure(connection, "/trap") },
    {
      name: "late trap",
      weight: trapWeight,
      end: "closed",
      traps: true,
      run: (connection) => cut(connection, "/late-trap", "before the trap\n"),
    },
    ...(version === "0.2" ? p2Failures : p3Failures),
    { name: "gone while it reads", weight: 3, end: "gone", run: goneReading },
    { name: "gone while it sends", weight: 3, end: "gone", run: goneSending },
    {
      name: "gone while the guest sleeps",
      weight: 3,
      end: "gone",
      run: (connection) => gone(connection, get("/sleep/50")),
    },
    { name: "gone after it asked", weight: 3, end: "gone", run: (connection) => gone(connection, get("/hello")) },
    { name: "gone in the head", weight: 3, end: "gone", run: (connection) => gone(connection, "GET /hel") },
  ];
}

const p2Failures: readonly Kind[] = [
  { name: "no outparam", weight: 2, run: (connection) => failure(connection, "/no-outparam") },
  { name: "outparam dropped", weight: 2, run: (connection) => failure(connection, "/drop-outparam") },
  { name: "outparam an error", weight: 2, run: (connection) => failure(connection, "/error-outparam") },
  {
    name: "body dropped",
    weight: 2,
    end: "closed",
    run: (connection) => cut(connection, "/drop-body", "unfinished\n"),
  },
];

const p3Failures: readonly Kind[] = [
  { name: "panic", weight: 0.2, traps: true, run: (connection) => failure(connection, "/panic") },
  { name: "an error", weight: 2, run: (connection) => failure(connection, "/error") },
  {
    name: "a late error",
    weight: 2,
    end: "closed",
    run: (connection) => cut(connection, "/late-error", "before the error\n"),
  },
];

function post(path: string, framing: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`;
}

/** The answer to what was sent. */
async function answerOf(connection: HttpConnection): Promise<Answer> {
  const answer = await connection.answer();
  if (answer === undefined) throw new WrongAnswer("the connection ended without an answer", connection.failed);
  return answer;
}

function expect(answer: Answer, body: Uint8Array | string): void {
  const { status, cut } = answer;
  if (status !== 200) throw new WrongAnswer(`status ${status}`, status === 500);
  if (cut) throw new WrongAnswer(`cut off after ${answer.body.length} bytes`, true);
  if (!answer.body.equals(typeof body === "string" ? Buffer.from(body) : body))
    throw new WrongAnswer(`another body, of ${answer.body.length} bytes`, false);
}

async function text(connection: HttpConnection, request: string, body: string): Promise<void> {
  connection.send(request);
  expect(await answerOf(connection), body);
}

async function down(connection: HttpConnection, path: string, count: number, size: number): Promise<void> {
  connection.send(get(`/${path}/${count}/${size}`));
  const piece = pattern.subarray(0, size);
  expect(await answerOf(connection), Buffer.concat(Array.from({ length: count }, () => piece)));
}

/** @param pause Before each of ten pieces, ms */
async function up(connection: HttpConnection, body: Uint8Array, pause: number): Promise<void> {
  connection.send(post("/upload", `Content-Length: ${body.length}`));
  const step = Math.ceil(body.length / 10);
  for (let at = 0; at < body.length; at += step) {
    if (pause > 0) await pass(pause);
    connection.send(body.subarray(at, at + step));
  }
  const sum = body.reduce((total, byte) => total + byte, 0);
  expect(await answerOf(connection), `${body.length} bytes, sum ${sum}\n`);
}

/** The answer comes while the request is still sent, in chunks. */
async function echo(connection: HttpConnection): Promise<void> {
  const body = drawBody(drawSize(256 * KiB));
  connection.send(post("/echo", "Transfer-Encoding: chunked"));
  const answered = answerOf(connection);
  for (let at = 0; at < body.length; ) {
    const piece = body.subarray(at, at + 1 + below(64 * KiB));
    connection.send(`${piece.length.toString(16)}\r\n`);
    connection.send(piece);
    await connection.sendAll("\r\n");
    at += piece.length;
  }
  connection.send("0\r\n\r\n");
  expect(await answered, body);
}

async function trailers(connection: HttpConnection): Promise<void> {
  connection.send(get("/trailers", "TE: trailers\r\n"));
  const answer = await answerOf(connection);
  expect(answer, "before the trailers\n");
  const told = answer.trailers.map(([name, value]) => `${name}=${value}`).join(" ");
  if (told !== "x-first=1 x-second=2 x-second=caf\xe9") throw new WrongAnswer(`trailers ${told}`, false);
}

/** Takes nothing for a while, of more than all buffers hold. */
async function slowReader(connection: HttpConnection, path: string): Promise<void> {
  connection.pause();
  connection.send(get(`/${path}/64/65536`));
  for (let i = 0; i < 4; i++) {
    await pass(50);
    connection.resume();
    await pass(5);
    connection.pause();
  }
  connection.resume();
  expect(await answerOf(connection), pattern);
}

/** Whether the connection is kept is the server's matter then: it ends here. */
async function unreadBody(connection: HttpConnection): Promise<void> {
  connection.send(post("/ignore-body", "Connection: close\r\nContent-Length: 50000"));
  connection.send(drawBody(50_000));
  expect(await answerOf(connection), "ignored\n");
}

async function failure(connection: HttpConnection, path: string): Promise<void> {
  connection.send(get(path));
  const { status, cut: isCut } = await answerOf(connection);
  if (status !== 500 || isCut) throw new WrongAnswer(`status ${status}, not 500`, false);
}

/** The body ends before its end. */
async function cut(connection: HttpConnection, path: string, body: string): Promise<void> {
  connection.send(get(path));
  const answer = await answerOf(connection);
  if (answer.status !== 200) throw new WrongAnswer(`status ${answer.status}`, answer.status === 500);
  if (!answer.cut) throw new WrongAnswer("a body that looks whole", false);
  // A trap of another request may have come before.
  if (!body.startsWith(answer.body.toString())) throw new WrongAnswer(`another body: ${answer.body}`, false);
}

async function goneReading(connection: HttpConnection): Promise<void> {
  connection.send(get("/until-gone"));
  const head = await connection.head();
  if (!head?.line.startsWith("HTTP/1.1 200 ")) throw new WrongAnswer(head?.line ?? "the connection ended", true);
  await connection.bytes(below(300 * KiB));
  connection.reset();
}

async function goneSending(connection: HttpConnection): Promise<void> {
  connection.send(post(below(2) === 0 ? "/upload" : "/echo", `Content-Length: ${MiB}`));
  await connection.sendAll(drawBody(below(MiB / 2)));
  connection.reset();
}

async function gone(connection: HttpConnection, request: string): Promise<void> {
  await connection.sendAll(request);
  connection.reset();
}
