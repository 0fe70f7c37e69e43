import { type HostFunction, type HostImports, type HostInstance, mayWait, resultBuffer } from "../../component/host.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import { type Polled, polledOf } from "../waits.ts";

type Methods = Record<string, HostInstance[string]>;

/**
 * Changes and returns the imports of one guest whose stack can be suspended. An import that it may call in a loop
 * (`polling`), and that has nothing yet, yields to the event loop when a turn is due, as waiting imports do.
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
  /** Copies a result in the buffer: the guest gets it later, when another guest's bytes may be there. */
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
