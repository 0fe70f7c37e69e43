/**
 * Clients that are slow, broken or hostile, and what a server that has had one must still do: answer others, also while the client is
 * there, and give back every descriptor. They ask for what all guests that are served have: `/hello` and `/echo`.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { HttpConnection } from "./connection.ts";
import { get, post, type Server } from "./server.ts";

export interface BrokenClient {
  readonly title: string;
  /** wasmtime does otherwise. */
  readonly notWasmtime?: true;
  /** Does what it does, on connections that are gone when its promise resolves. */
  behave(server: Server): Promise<void>;
}

const hello = "Hello, World!\n";

const MIB = 1024 * 1024;

/** The head of a request whose body has so many bytes. */
function echoHead(length: number, more = ""): string {
  return `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${more}\r\n`;
}

const chunkedHead = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Each of these is sent, and then the client closes, or resets. */
const unfinished: readonly (readonly [title: string, text: string])[] = [
  ["nothing", ""],
  ["a CR", "\r"],
  ["half a method", "GE"],
  ["half a head", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A"],
  ["a head without its last line", "GET /hello HTTP/1.1\r\nHost: a\r\n"],
  ["no byte of a body", echoHead(10)],
  ["half a body", `${echoHead(10)}hello`],
  ["a body that awaits 100-continue", echoHead(10, "Expect: 100-continue\r\n")],
  ["half a chunk", `${chunkedHead}a\r\nhello`],
  ["half a chunk's size", `${chunkedHead}5\r\nhello\r\n1`],
  ["half a chunk's end", `${chunkedHead}5\r\nhello\r`],
  ["no last chunk", `${chunkedHead}5\r\nhello\r\n`],
  ["half the trailers", `${chunkedHead}5\r\nhello\r\n0\r\nx-a: b\r\n`],
  ["half a second request", `${get("/hello")}GET /hello HTTP/1.1\r\nHo`],
  ["a hundred requests", get("/hello").repeat(100)],
  ["a request and half a body", `${get("/hello")}${echoHead(10)}hello`],
];

/** What is not HTTP/1.1: answered with a status of 400 and more, or not at all, and closed. */
const noise: readonly (readonly [title: string, bytes: string])[] = [
  ["a ClientHello", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"],
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"],
  ["NULs", "\0".repeat(100_000)],
  ["a line without end", "A".repeat(100_000)],
  ["a head without end", `GET /hello HTTP/1.1\r\nHost: a\r\n${"x-a: b\r\n".repeat(20_000)}`],
  ["SSH's greeting", "SSH-2.0-x\r\n\r\n"],
];

export const brokenClients: readonly BrokenClient[] = [
  ...unfinished.flatMap(([title, text]) => [
    { title: `${title}, then a close`, behave: (server: Server) => leave(server, text, close) },
    { title: `${title}, then a reset`, behave: (server: Server) => leave(server, text, reset) },
    { title: `${title}, then an end, and a reset`, behave: (server: Server) => leave(server, text, endAndReset) },
  ]),
  ...noise.map(([title, bytes]) => ({ title, behave: (server: Server) => refused(server, bytes) })),
  { title: "a head of which each byte comes by itself", behave: byteByByte },
  { title: "heads that never end, of 50 connections", behave: slowloris },
  { title: "a body of which each byte comes by itself", behave: slowBody },
  { title: "bodies that never end, of 20 connections", behave: slowBodies },
  { title: "a client that ends its side behind its request", behave: halfClosed, notWasmtime: true },
  { title: "a reset while the response is streamed", behave: (server) => whileStreamed(server, reset) },
  { title: "a close while the response is streamed", behave: (server) => whileStreamed(server, close) },
  { title: "a client that reads when it has sent a body that nobody wants", behave: unwanted, notWasmtime: true },
  { title: "a client that never reads its response", behave: neverReads },
  { title: "a client that never reads, of a thousand requests", behave: neverReadsPipelined },
  { title: "connections that are reset at once", behave: resetAtOnce },
  { title: "a request after each of twenty resets", behave: afterResets },
];

type Leaving = (connection: HttpConnection) => Promise<void>;

async function close(connection: HttpConnection): Promise<void> {
  await connection[Symbol.asyncDispose]();
}

async function reset(connection: HttpConnection): Promise<void> {
  connection.reset();
  await connection[Symbol.asyncDispose]();
}

async function endAndReset(connection: HttpConnection): Promise<void> {
  connection.end();
  await setImmediate();
  await reset(connection);
}

async function leave(server: Server, text: string, by: Leaving): Promise<void> {
  const connection = await server.dial();
  await connection.sendAll(text);
  await assertAnswers(server);
  await by(connection);
}

async function refused(server: Server, bytes: string): Promise<void> {
  await using connection = await server.dial();
  connection.send(bytes);
  connection.end();
  const said = (await connection.rest()).toString("latin1");
  assert.match(said, /^(HTTP\/1\.1 [45]\d\d .*)?$/s);
}

/** Sends each byte when the one before it has gone out. */
async function trickle(connection: HttpConnection, text: string): Promise<void> {
  for (const byte of text) await connection.sendAll(byte);
}

async function byteByByte(server: Server): Promise<void> {
  await using connection = await server.dial();
  await trickle(connection, get("/hello"));
  assert.equal((await connection.answer())?.body.toString(), hello);
}

async function slowloris(server: Server): Promise<void> {
  const connections = await Promise.all(Array.from({ length: 50 }, () => server.dial()));
  for (const each of connections) each.send("GET /hello HTTP/1.1\r\nHost: a\r\n");
  for (let line = 0; line < 3; line++) {
    for (const each of connections) each.send(`x-${line}: b\r\n`);
    await assertAnswers(server);
  }
  await Promise.all(connections.map(reset));
}

async function slowBody(server: Server): Promise<void> {
  await using connection = await server.dial();
  const body = "0123456789".repeat(10);
  connection.send(echoHead(body.length));
  await trickle(connection, body);
  assert.equal((await connection.answer())?.body.toString(), body);
}

async function slowBodies(server: Server): Promise<void> {
  const connections = await Promise.all(Array.from({ length: 20 }, () => server.dial()));
  for (const each of connections) each.send(chunkedHead);
  for (let i = 0; i < 3; i++) {
    for (const each of connections) each.send("1\r\nx\r\n");
    await assertAnswers(server);
  }
  await Promise.all(connections.map(reset));
}

async function halfClosed(server: Server): Promise<void> {
  await using connection = await server.dial();
  connection.send(post("/echo", "hello"));
  connection.end();
  assert.equal((await connection.answer())?.body.toString(), "hello");
  assert.equal((await connection.rest()).length, 0);
}

async function whileStreamed(server: Server, by: Leaving): Promise<void> {
  const connection = await server.dial();
  connection.send(echoHead(64 * MIB));
  const sent = connection.sendAll(Buffer.alloc(MIB, "x"));
  await connection.head();
  await connection.bytes(10_000);
  await by(connection);
  await sent;
}

/** The answer comes when little of the body has: what is sent behind it must not cost the client that answer. */
async function unwanted(server: Server): Promise<void> {
  await using connection = await server.dial();
  connection.pause();
  connection.send(`POST /nothing-there HTTP/1.1\r\nHost: a\r\nContent-Length: ${16 * MIB}\r\n\r\n`);
  await connection.sendAll(Buffer.alloc(16 * MIB, "x"));
  connection.resume();
  assert.equal((await connection.answer())?.status, 404);
}

async function neverReads(server: Server): Promise<void> {
  const connection = await server.dial();
  connection.pause();
  connection.send(echoHead(64 * MIB));
  const sent = connection.sendAll(Buffer.alloc(64 * MIB, "x"));
  for (let i = 0; i < 5; i++) await assertAnswers(server);
  await reset(connection);
  await sent;
}

async function neverReadsPipelined(server: Server): Promise<void> {
  const connection = await server.dial();
  connection.pause();
  const sent = connection.sendAll(get("/hello").repeat(1000));
  for (let i = 0; i < 5; i++) await assertAnswers(server);
  await reset(connection);
  await sent;
}

async function resetAtOnce(server: Server): Promise<void> {
  for (let i = 0; i < 50; i++) await reset(await server.dial());
}

async function afterResets(server: Server): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const connection = await server.dial();
    connection.send(`${get("/hello")}${echoHead(10)}hello`);
    await connection.answer();
    await reset(connection);
    await assertAnswers(server);
  }
}

/** Others are answered, on a connection of their own. */
export async function assertAnswers(server: Server): Promise<void> {
  const { status, body } = await server.process.during(server.get("/hello"));
  assert.deepEqual({ status, body: body.toString() }, { status: 200, body: hello });
}

/** How many connections of clients it has, also those that only it has not closed yet (proc_pid_net(5)). */
function connectionsOf({ process, port }: Server): number {
  const [, ...rows] = readFileSync(`/proc/${process.pid}/net/tcp`, "latin1").trimEnd().split("\n");
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return rows.filter((row) => {
    const [, address = "", , state, , , , , , inode] = row.trim().split(/\s+/);
    return address.endsWith(local) && state !== LISTEN && inode !== "0";
  }).length;
}

/** A state of a socket, as the kernel has it (include/net/tcp_states.h). */
const LISTEN = "0A";

/** How long a server may take to notice that clients are gone, ms. */
const PATIENCE = 20_000;

/**
 * Waits until it has given back the descriptors of all its clients.
 *
 * @throws if it still has one after 20 s
 */
export async function assertNoneLeft(server: Server): Promise<void> {
  const until = performance.now() + PATIENCE;
  for (let left = connectionsOf(server); left > 0; left = connectionsOf(server)) {
    assert.ok(performance.now() < until, `${left} connections are left`);
    await setTimeout(5);
  }
}
