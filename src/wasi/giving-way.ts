import { type HostFunction, type HostImports, type HostInstance, lean, mayWait } from "../component/host.ts";
import type { SuspendingPoll } from "../core/suspending-poll.ts";

/** Whether an answer says that there is nothing yet. */
type Nothing = (answer: unknown) => boolean;

const none: Nothing = (answer) => answer === 0 || answer === 0n;
const no: Nothing = (answer) => answer === false;
const absent: Nothing = (answer) => answer === undefined;
const empty: Nothing = (answer) => Array.isArray(answer) && answer.length === 0;
/** Its error is would-block. */
const never: Nothing = () => false;

/** The calls that a guest may go round in instead of waiting, by interface. */
const calls: Readonly<Record<string, Readonly<Record<string, Nothing>>>> = {
  "wasi:io/poll": { "[method]pollable.ready": no },
  "wasi:io/streams": {
    "[method]input-stream.read": none,
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

/**
 * The same imports for a guest that is suspended while it waits: calls that have nothing to answer yet give way to the host where
 * it is its turn, as those that wait do.
 */
export function givingWay(imports: HostImports, poll: SuspendingPoll): HostImports {
  const wrapped = Object.entries(imports).map(([name, given]) => {
    const of = calls[name.replace(/@.*/, "")];
    return [name, of === undefined || typeof given !== "object" ? given : instance(given, of, poll)];
  });
  return Object.fromEntries(wrapped);
}

function instance(given: HostInstance, of: Readonly<Record<string, Nothing>>, poll: SuspendingPoll): HostInstance {
  const wrapped = Object.entries(of).flatMap(([name, nothing]) => {
    const method = given[name];
    return typeof method === "function" ? [[name, call(method as HostFunction, nothing, poll)] as const] : [];
  });
  return { ...given, ...Object.fromEntries(wrapped) };
}

type Method = (self: unknown, first: unknown, second: unknown) => unknown;

function call(method: HostFunction, nothing: Nothing, poll: SuspendingPoll): HostFunction {
  const work = method as Method;
  const yielding: Method = (self, first, second) => {
    let answer: unknown;
    let failure: unknown;
    try {
      answer = work(self, first, second);
      if (!nothing(answer)) return answer;
    } catch (error) {
      if (error !== "would-block") throw error;
      failure = error;
    }
    const turn = poll.giveWay();
    // Asked again, what is answered must be so now; but a pollable counts its looks (Pollable.ready), and this was one.
    if (turn !== undefined) return turn.then(() => (nothing === no ? answer : work(self, first, second)));
    if (failure !== undefined) throw failure;
    return answer;
  };
  const asBefore = method[lean] === undefined ? {} : { [lean]: method[lean] };
  return Object.assign(yielding, asBefore, { [mayWait]: true });
}
