import { type HostFunction, mayWait } from "../../../component/host.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { waiting } from "../../may-wait.ts";

/**
 * What calls on sockets do besides: let the bytes go on that streams have queued, for a guest may go round in such calls and
 * never wait. Of streams those do it that find nothing to do.
 */
export function draining(poll: Poll, methods: Readonly<Record<string, HostFunction>>): Record<string, HostFunction> {
  const wrap = (method: HostFunction) => {
    const wrapped = (self: never, first: never, second: never) => {
      poll.advanceNext();
      return method(self, first, second);
    };
    return method[mayWait] === true ? waiting(wrapped) : wrapped;
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method)]));
}
