import assert from "node:assert/strict";
import process from "node:process";
import type { IpAddressFamily, IpSocketAddress } from "../../src/machine/address.ts";
import type { ErrorCode } from "../../src/machine/error-code.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { READABLE, type Source, WRITABLE } from "../../src/machine/selector.ts";
import type { TcpHandle } from "../../src/machine/sockets.ts";

/** What the suites share: loopback addresses, bounded waits, connected pairs. */

/** How long what must come may take, ns: far more than the slowest machine needs. */
export const PATIENCE = 60e9;

/** A machine, and the strategy that waits on it. */
export interface Waiter {
  readonly machine: Machine;
  /** How long what must come may take, ns. */
  readonly patience: number;
  /** As `Selector.select`; a suspending machine answers a promise. */
  select(timeout: number): number | Promise<number>;
}

export function blockingWaiter(machine: Machine): Waiter {
  return { machine, patience: PATIENCE, select: (timeout) => machine.selector.select(timeout) };
}

export function loopback(family: IpAddressFamily, port = 0): IpSocketAddress {
  return family === "ipv4"
    ? { tag: "ipv4", val: { port, address: [127, 0, 0, 1] } }
    : { tag: "ipv6", val: { port, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } };
}

/** A loopback address of this process's own, where there are such: no other takes a port of it that was given back. */
export function ownLoopback(): IpSocketAddress {
  const { pid, platform } = process;
  if (platform !== "linux") return loopback("ipv4");
  return { tag: "ipv4", val: { port: 0, address: [127, 1 + (pid >> 16), (pid >> 8) & 255, pid & 255] } };
}

/** The result of a call that must succeed. */
export function ok<T>(result: T | ErrorCode): Exclude<T, string> {
  assert.notEqual(typeof result, "string", `answered ${String(result)}`);
  return result as Exclude<T, string>;
}

/** The events that a select sees on `source`, 0 for none; the interest is taken back afterwards. */
export async function look(waiter: Waiter, source: Source, interest: number, timeout = 0): Promise<number> {
  const { selector } = waiter.machine;
  assert.equal(selector.setInterest(source, interest), true);
  let found = 0;
  for (let left = await waiter.select(timeout); left > 0; left--) {
    const reported = selector.sources[left - 1]!;
    if (reported === source) found = selector.events[left - 1]!;
    else reported.onUnawaited?.();
  }
  selector.setInterest(source, 0);
  return found;
}

/** Waits for `interest` in `source`, whatever else happens meanwhile. */
export async function wait(waiter: Waiter, source: Source, interest: number): Promise<void> {
  const { machine } = waiter;
  const deadline = machine.now() + waiter.patience;
  while (((await look(waiter, source, interest, deadline - machine.now())) & interest) === 0) {
    assert.ok(machine.now() < deadline, `nothing came within ${waiter.patience / 1e9} s`);
  }
}

export interface Pair {
  readonly listener: TcpHandle;
  readonly address: IpSocketAddress;
  readonly client: TcpHandle;
  readonly server: TcpHandle;
  close(): void;
}

/** How a bind or connect has ended that answered `result`: where it is under way, waits for its end. */
export async function finish(
  waiter: Waiter,
  socket: { readonly source: Source; outcome(): ErrorCode | undefined },
  result: ErrorCode | undefined,
): Promise<ErrorCode | undefined> {
  if (result !== "would-block") return result;
  await wait(waiter, socket.source, WRITABLE);
  return socket.outcome();
}

export async function listen(
  waiter: Waiter,
  family: IpAddressFamily = "ipv4",
  address = loopback(family),
): Promise<TcpHandle> {
  const listener = ok(waiter.machine.net.createTcpSocket(family));
  assert.equal(await finish(waiter, listener, listener.bind(address)), undefined);
  assert.equal(listener.listen(16), undefined);
  return listener;
}

export async function connect(waiter: Waiter, address: IpSocketAddress): Promise<TcpHandle> {
  const client = ok(waiter.machine.net.createTcpSocket(address.tag));
  assert.equal(await finish(waiter, client, client.connect(address)), undefined);
  return client;
}

export async function accept(waiter: Waiter, listener: TcpHandle): Promise<TcpHandle> {
  await wait(waiter, listener.source, READABLE);
  return ok(listener.accept());
}

/** Two ends of one loopback connection. */
export async function pair(waiter: Waiter, family: IpAddressFamily = "ipv4", at = loopback(family)): Promise<Pair> {
  const listener = await listen(waiter, family, at);
  const address = ok(listener.localAddress());
  const client = await connect(waiter, address);
  const server = await accept(waiter, listener);
  return {
    listener,
    address,
    client,
    server,
    close() {
      for (const socket of [client, server, listener]) close(waiter, socket);
    },
  };
}

export function close({ machine }: Waiter, socket: { readonly source: Source; close(): void }): void {
  machine.selector.forget(socket.source);
  socket.close();
}

/** Sends all of `bytes`, waiting where the kernel's buffer is full. */
export async function sendAll(waiter: Waiter, socket: TcpHandle, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length; ) {
    const count = socket.send(bytes.subarray(sent));
    if (count === "would-block") await wait(waiter, socket.source, WRITABLE);
    else sent += Number(ok(count));
  }
}

/** Receives exactly `length` bytes. */
export async function receiveAll(waiter: Waiter, socket: TcpHandle, length: number): Promise<Uint8Array> {
  const { machine } = waiter;
  const all = new Uint8Array(length);
  for (let got = 0; got < length; ) {
    await wait(waiter, socket.source, READABLE);
    const count = Number(ok(socket.receive(Math.min(length - got, machine.buffer.length))));
    assert.notEqual(count, 0, `the stream ended after ${got} of ${length} bytes`);
    all.set(machine.buffer.subarray(0, count), got);
    got += count;
  }
  return all;
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
