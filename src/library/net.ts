import { allNeeds } from "../machine/machines.ts";
import type { AddressLike } from "../net/address.ts";
import type { Conn } from "../net/conn.ts";
import { type DialOptions, dial as dialOn } from "../net/dial.ts";
import { listen as listenOn } from "../net/listen.ts";
import type { Listener } from "../net/listener.ts";
import { Netpoll } from "../net/netpoll.ts";
import { Scheduler } from "../net/scheduler.ts";
import { type StandardStreams, standardStreams } from "../net/standard-stream.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
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

const dialNames: OptionNames<DialOptions> = { signal: true, timeout: true };

/**
 * Connects to an address by TCP. The addresses of a name are tried in turn.
 *
 * @param address `127.0.0.1:9999`, `[::1]:80`, `example.com:443`, or the same as `{ host, port }`
 * @param options How long it may take, what ends it
 * @returns The connection
 * @example
 * ```ts
 * import { dial, listen } from "pollux";
 *
 * await using listener = await listen("127.0.0.1:0");
 * await using conn = await dial(listener.localAddress, { timeout: 5000 });
 * const peer = await listener.accept();
 * await peer.write(new TextEncoder().encode("hello"));
 * await peer.close();
 * console.log(await new Response(conn.readable).text()); // hello
 * ```
 * @throws AddressError; SocketError `connection-refused`, `name-unresolvable` and the like; ErrDeadlineExceeded after
 * `timeout`; the signal's reason
 */
export async function dial(address: AddressLike, options: DialOptions = {}): Promise<Conn> {
  checkOptions("dial", options, dialNames);
  return dialOn(await own(), address, options);
}

/**
 * Listens for TCP connections on an address of this machine. Of a name, on the first address that can be listened on.
 *
 * @param address As for `dial`; port 0 lets the system choose, see the listener's `localAddress`
 * @returns The listener, which listens
 * @example
 * ```ts
 * import { dial, listen } from "pollux";
 *
 * const listener = await listen("127.0.0.1:0");
 * const echo = async () => {
 *   for await (const conn of listener) conn.readable.pipeTo(conn.writable).catch(console.error);
 * };
 * const serving = echo();
 * const conn = await dial(listener.localAddress);
 * await conn.write(new TextEncoder().encode("hello"));
 * const buffer = new Uint8Array(1024);
 * const count = await conn.read(buffer);
 * console.log(new TextDecoder().decode(buffer.subarray(0, count))); // hello
 * await Promise.all([conn.close(), listener.close(), serving]);
 * ```
 * @throws AddressError; SocketError `address-in-use`, `address-not-bindable` and the like
 */
export async function listen(address: AddressLike): Promise<Listener> {
  return listenOn(await own(), address);
}

let streams: Promise<StandardStreams> | undefined;

/**
 * The process's standard streams, to read and write like connections.
 *
 * @returns The same at each call
 * @example
 * ```ts
 * import { stdio } from "pollux";
 *
 * const { stdout } = await stdio();
 * await stdout.write(new TextEncoder().encode("written\n"));
 * ```
 */
export function stdio(): Promise<StandardStreams> {
  streams ??= own().then(standardStreams);
  streams.catch(() => {
    streams = undefined;
  });
  return streams;
}
