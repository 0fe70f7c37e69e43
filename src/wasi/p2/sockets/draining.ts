import type { HostFunction } from "../../../component/host.ts";
import type { Poll } from "../../../core/wait/poll.ts";

/**
 * The methods, each of which first sends on what streams have queued: a guest may call them in a loop and never wait. (Of streams
 * those methods do it that find nothing to do.)
 */
export function draining(poll: Poll, methods: Readonly<Record<string, HostFunction>>): Record<string, HostFunction> {
  const wrap = (method: HostFunction) => {
    const wrapped = (self: never, first: never, second: never) => {
      poll.advanceNext();
      return method(self, first, second);
    };
    return Object.assign(wrapped, method);
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method)]));
}
