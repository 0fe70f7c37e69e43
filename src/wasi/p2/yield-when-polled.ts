import { type HostFunction, type HostImports, type HostInstance, mayWait, resultBuffer } from "../../component/host.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import { type Polled, polledOf } from "../waits.ts";

type Methods = Record<string, HostInstance[string]>;

/**
 * For a guest that is suspended while it waits: those of its imports that it may call in a loop (`polling`) and that have nothing
 * yet yield to the event loop when its turn is due, as those that wait do. The imports, which are this guest's alone, are changed
 * and returned.
 */
export function yieldWhenPolled(imports: HostImports, poll: SuspendingPoll): HostImports {
  for (const given of Object.values(imports)) {
    if (typeof given !== "object") continue;
    const methods: Methods = given;
    for (const [name, method] of Object.entries(methods)) {
      if (typeof method !== "function") continue;
      const how = polledOf(method as HostFunction);
      if (how !== undefined) methods[name] = yielding(method as HostFunction, how, poll);
    }
  }
  return imports;
}

type Method = (self: unknown, first: unknown, second: unknown) => unknown;

function yielding(method: HostFunction, { isNothing, again, inBuffer }: Polled, poll: SuspendingPoll): HostFunction {
  const call = method as Method;
  const buffer = inBuffer === true ? method[resultBuffer] : undefined;
  /** The guest gets it later, when the buffer may hold another guest's bytes. */
  const kept = (result: unknown): unknown =>
    buffer === undefined || typeof result !== "number"
      ? result
      : new Uint8Array(buffer.buffer, buffer.byteOffset, result).slice();
  const called: Method = (self, first, second) => {
    let result: unknown;
    let failure: unknown;
    try {
      result = call(self, first, second);
      if (!isNothing(result)) return result;
    } catch (error) {
      if (error !== "would-block") throw error;
      failure = error;
    }
    const turn = poll.yieldTurn();
    if (turn !== undefined) return turn.then(() => (again ? kept(call(self, first, second)) : result));
    if (failure !== undefined) throw failure;
    return result;
  };
  return Object.assign(called, method, { [mayWait]: true });
}
