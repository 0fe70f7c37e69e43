import { allNeeds } from "../machine/machines.ts";
import type { AddressLike } from "../net/address.ts";
import type { Conn } from "../net/conn.ts";
import { type DialOptions, dial as dialOn } from "../net/dial.ts";
import { listen as listenOn } from "../net/listen.ts";
import type { Listener } from "../net/listener.ts";
import { Netpoll } from "../net/netpoll.ts";
import { Scheduler } from "../net/scheduler.ts";
import { type StandardStreams, standardStreams } from "../net/standard-stream.ts";
import { createSuspendingMachine } from "./machine.ts";

/** One machine for all connections of the process, made when the first is asked for. */
let scheduler: Promise<Scheduler> | undefined;

/** What the program's own connections wait in. */
export async function own(): Promise<Scheduler> {
  scheduler ??= createSuspendingMachine(undefined, { ...allNeeds, ownsDescriptors: true }).then(
    (machine) => new Scheduler(new Netpoll(machine)),
  );
  try {
    return await scheduler;
  } catch (error) {
    // Another time there may be descriptors for it.
    scheduler = undefined;
    throw error;
  }
}

/**
 * Connects to `127.0.0.1:9999`, `[::1]:80`, `example.com:443`, or the same as `{ host, port }`. A name's addresses are tried in
 * turn.
 *
 * @throws AddressError; SocketError `connection-refused`, `name-unresolvable` and the like; ErrDeadlineExceeded after
 * `timeout`; the signal's reason
 */
export async function dial(address: AddressLike, options?: DialOptions): Promise<Conn> {
  return dialOn(await own(), address, options);
}

/**
 * Listens on an address of this machine; port 0 lets the system choose (see the listener's `localAddress`). Of a name, the first
 * address that can be listened on.
 *
 * @throws AddressError; SocketError `address-in-use`, `address-not-bindable` and the like
 */
export async function listen(address: AddressLike): Promise<Listener> {
  return listenOn(await own(), address);
}

let streams: Promise<StandardStreams> | undefined;

/** The process's standard streams, to read and write like connections: `const { stdin } = await stdio()`. */
export function stdio(): Promise<StandardStreams> {
  streams ??= own().then(standardStreams);
  streams.catch(() => {
    streams = undefined;
  });
  return streams;
}
