import { type HostFunction, type HostImports, type HostInstance, lean, mayWait } from "../../component/host.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import { p2 } from "../versions.ts";

/** A call that a guest may go round in instead of waiting. */
interface Idle {
  /** Whether an answer says that there is nothing yet. */
  nothing(answer: unknown): boolean;
  /** Whether it is asked again after the host's turn, so that what is answered is so then. */
  readonly again: boolean;
  /** Whether it answers bytes, in the lean form (component/host.ts). */
  readonly reads?: true;
}

const none: Idle = { nothing: (answer) => answer === 0 || answer === 0n, again: true };
/** A pollable counts its looks (Pollable.ready), and this was one. */
const no: Idle = { nothing: (answer) => answer === false, again: false };
const absent: Idle = { nothing: (answer) => answer === undefined, again: true };
const empty: Idle = { nothing: (answer) => Array.isArray(answer) && answer.length === 0, again: true };
/** Its error is would-block. */
const never: Idle = { nothing: () => false, again: true };

/** By interface. */
const calls: Readonly<Record<string, Readonly<Record<string, Idle>>>> = {
  "wasi:io/poll": { "[method]pollable.ready": no },
  "wasi:io/streams": {
    "[method]input-stream.read": { ...none, reads: true },
    "[method]input-stream.skip": none,
    "[method]output-stream.check-write": none,
    "[method]output-stream.splice": none,
  },
  "wasi:sockets/tcp": {
    "[method]tcp-socket.finish-bind": never,
    "[method]tcp-socket.finish-connect": never,
    "[method]tcp-socket.finish-listen": never,
    "[method]tcp-socket.accept": never,
  },
  "wasi:sockets/udp": {
    "[method]udp-socket.finish-bind": never,
    "[method]incoming-datagram-stream.receive": empty,
    "[method]outgoing-datagram-stream.check-send": none,
  },
  "wasi:sockets/ip-name-lookup": { "[method]resolve-address-stream.resolve-next-address": never },
  "wasi:http/types": {
    "[method]future-incoming-response.get": absent,
    "[method]future-trailers.get": absent,
  },
};

/** The same, by full names, as lists. */
const listed = Object.entries(calls).map(([name, of]) => [p2(name), Object.entries(of)] as const);

type Methods = Record<string, HostInstance[string]>;

/**
 * For a guest that is suspended while it waits: those of its imports that have nothing to answer yet give way to the host where it
 * is its turn, as those that wait do. The imports, which are this guest's alone, are changed and returned.
 */
export function givingWay(imports: HostImports, poll: SuspendingPoll): HostImports {
  for (const [name, of] of listed) {
    const given = imports[name];
    if (typeof given !== "object") continue;
    const methods: Methods = given;
    for (const [method, idle] of of) {
      const work = methods[method];
      if (typeof work === "function") methods[method] = call(work as HostFunction, idle, poll);
    }
  }
  return imports;
}

type Method = (self: unknown, first: unknown, second: unknown) => unknown;

function call(method: HostFunction, idle: Idle, poll: SuspendingPoll): HostFunction {
  const work = method as Method;
  const received = idle.reads === true ? method[lean] : undefined;
  /** Bytes that were read into what other guests read into, too. */
  const kept = (answer: unknown): unknown =>
    received === undefined || typeof answer !== "number"
      ? answer
      : new Uint8Array(received.buffer, received.byteOffset, answer).slice();
  const yielding: Method = (self, first, second) => {
    let answer: unknown;
    let failure: unknown;
    try {
      answer = work(self, first, second);
      if (!idle.nothing(answer)) return answer;
    } catch (error) {
      if (error !== "would-block") throw error;
      failure = error;
    }
    const turn = poll.giveWay();
    if (turn !== undefined) return turn.then(() => (idle.again ? kept(work(self, first, second)) : answer));
    if (failure !== undefined) throw failure;
    return answer;
  };
  const asBefore = method[lean] === undefined ? {} : { [lean]: method[lean] };
  return Object.assign(yielding, asBefore, { [mayWait]: true });
}
