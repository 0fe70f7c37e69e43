import type { HostFunction } from "../../../component/host.ts";
import type { Poll } from "../../../core/wait/poll.ts";

/**
 * Returns the methods wrapped so that each first advances the queued bytes of streams: a guest may call them in a loop
 * and never wait. (The methods of streams do so when they have nothing to do.)
 */
export function advancingFirst(
  poll: Poll,
  methods: Readonly<Record<string, HostFunction>>,
): Record<string, HostFunction> {
  const wrap = (method: HostFunction) => {
    const wrapped = (self: never, first: never, second: never) => {
      poll.advanceNext();
      return method(self, first, second);
    };
    return Object.assign(wrapped, method);
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method)]));
}
