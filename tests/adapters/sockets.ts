import assert from "node:assert/strict";
import {
  type ErrorCode,
  type IpAddressFamily,
  type IpSocketAddress,
  type Machine,
  READABLE,
  type Source,
  type TcpHandle,
  WRITABLE,
} from "../../src/adapters/contract.ts";

/** What the suites share: loopback addresses, bounded waits, connected pairs. */

const PATIENCE = 5e9;

export function loopback(family: IpAddressFamily, port = 0): IpSocketAddress {
  return family === "ipv4"
    ? { tag: "ipv4", val: { port, address: [127, 0, 0, 1] } }
    : { tag: "ipv6", val: { port, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } };
}

/** The result of a call that must succeed. */
export function ok<T>(result: T | ErrorCode): Exclude<T, string> {
  assert.notEqual(typeof result, "string", `answered ${String(result)}`);
  return result as Exclude<T, string>;
}

/** The events that a select sees on `source`, 0 for none; the interest is taken back afterwards. */
export function look(machine: Machine, source: Source, interest: number, timeout = 0): number {
  const { selector } = machine;
  assert.equal(selector.setInterest(source, interest), true);
  let found = 0;
  for (let left = selector.select(timeout); left > 0; left--) {
    if (selector.sources[left - 1] === source) found = selector.events[left - 1]!;
  }
  selector.setInterest(source, 0);
  return found;
}

/** Waits for `interest` in `source`, whatever else happens meanwhile. */
export function wait(machine: Machine, source: Source, interest: number): void {
  const deadline = machine.now() + PATIENCE;
  while ((look(machine, source, interest, deadline - machine.now()) & interest) === 0) {
    assert.ok(machine.now() < deadline, "nothing came within 5 s");
  }
}

export interface Pair {
  readonly listener: TcpHandle;
  readonly address: IpSocketAddress;
  readonly client: TcpHandle;
  readonly server: TcpHandle;
  close(): void;
}

export function listen(machine: Machine, family: IpAddressFamily = "ipv4"): TcpHandle {
  const listener = ok(machine.net.createTcpSocket(family));
  assert.equal(listener.bind(loopback(family)), undefined);
  assert.equal(listener.listen(16), undefined);
  return listener;
}

export function connect(machine: Machine, address: IpSocketAddress): TcpHandle {
  const client = ok(machine.net.createTcpSocket(address.tag));
  const outcome = client.connect(address);
  if (outcome !== undefined) {
    assert.equal(outcome, "would-block");
    wait(machine, client.source, WRITABLE);
    assert.equal(client.outcome(), undefined);
  }
  return client;
}

export function accept(machine: Machine, listener: TcpHandle): TcpHandle {
  wait(machine, listener.source, READABLE);
  return ok(listener.accept());
}

/** Two ends of one loopback connection. */
export function pair(machine: Machine, family: IpAddressFamily = "ipv4"): Pair {
  const listener = listen(machine, family);
  const address = ok(listener.localAddress());
  const client = connect(machine, address);
  const server = accept(machine, listener);
  return {
    listener,
    address,
    client,
    server,
    close() {
      for (const socket of [client, server, listener]) close(machine, socket);
    },
  };
}

export function close(machine: Machine, socket: { readonly source: Source; close(): void }): void {
  machine.selector.forget(socket.source);
  socket.close();
}

/** Sends all of `bytes`, waiting where the kernel's buffer is full. */
export function sendAll(machine: Machine, socket: TcpHandle, bytes: Uint8Array): void {
  for (let sent = 0; sent < bytes.length; ) {
    const count = socket.send(bytes.subarray(sent));
    if (count === "would-block") wait(machine, socket.source, WRITABLE);
    else sent += Number(ok(count));
  }
}

/** Receives exactly `length` bytes. */
export function receiveAll(machine: Machine, socket: TcpHandle, length: number): Uint8Array {
  const all = new Uint8Array(length);
  for (let got = 0; got < length; ) {
    wait(machine, socket.source, READABLE);
    const count = Number(ok(socket.receive(Math.min(length - got, machine.buffer.length))));
    assert.notEqual(count, 0, `the stream ended after ${got} of ${length} bytes`);
    all.set(machine.buffer.subarray(0, count), got);
    got += count;
  }
  return all;
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
