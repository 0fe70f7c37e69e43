/** What wasmtime's own tests import of the program that runs them. */
import type { HostImports } from "../../src/component/host.ts";
import { Condition } from "../../src/core/wait/condition.ts";
import type { Blocking } from "../../src/core/wait/poll.ts";

/** How many resources each script may have: more than any needs, fewer than those that show a leak would leave behind. */
export const MAX_RESOURCES = 500;

/** Goes on when others have had their turn. */
function* slowly<T>(value: T): Blocking<T> {
  yield Condition.ready();
  return value;
}

function* never(): Blocking<undefined> {
  for (;;) yield Condition.timer(Number.POSITIVE_INFINITY);
}

class Resource1 {
  neverReturn = never;
}

export const hosts = {
  "host-echo-u32": (value: number) => slowly(value),
  host: {
    resource1: Resource1,
    "[constructor]resource1": () => new Resource1(),
    "[method]resource1.never-return": never,
    "return-hi": () => "hi",
    "return-two-slowly": () => slowly(2),
    "echo-slowly": (value: number) => slowly(value),
    "never-return": never,
  },
  wasmtime: {
    "set-max-table-capacity": (max: number) => {
      if (max > MAX_RESOURCES) throw new TypeError(`a capacity of ${max} is more than scripts have`);
    },
  },
} as HostImports;
