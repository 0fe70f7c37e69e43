import type { HostInstance } from "../../../component/host.ts";
import type { Timeouts } from "../../http/request.ts";

type Timeout = keyof Timeouts;

/** `wasi:http/types.request-options`: timeouts in ns. Those of a request are immutable. */
export class RequestOptions {
  readonly #timeouts: { -readonly [Name in Timeout]: Timeouts[Name] };
  readonly #immutable: boolean;

  constructor(
    timeouts: Timeouts = { connectTimeout: undefined, firstByteTimeout: undefined, betweenBytesTimeout: undefined },
    immutable = false,
  ) {
    this.#timeouts = { ...timeouts };
    this.#immutable = immutable;
  }

  get timeouts(): Timeouts {
    return this.#timeouts;
  }

  set(name: Timeout, duration: bigint | undefined): void {
    if (this.#immutable) throw { tag: "immutable" };
    this.#timeouts[name] = duration;
  }
}

const names: Readonly<Record<string, Timeout>> = {
  "connect-timeout": "connectTimeout",
  "first-byte-timeout": "firstByteTimeout",
  "between-bytes-timeout": "betweenBytesTimeout",
};

/**
 * Makes the functions of `request-options`. Durations are ns; setters throw `immutable` if the options belong to a
 * request.
 */
export function requestOptionsFunctions(): HostInstance {
  const functions: Record<string, (self: RequestOptions, duration: bigint | undefined) => unknown> = {};
  for (const [wit, name] of Object.entries(names)) {
    functions[`[method]request-options.get-${wit}`] = (self) => self.timeouts[name];
    functions[`[method]request-options.set-${wit}`] = (self, duration) => self.set(name, duration);
  }
  return {
    "request-options": RequestOptions,
    "[constructor]request-options": () => new RequestOptions(),
    ...functions,
    "[method]request-options.clone": (self: RequestOptions) => new RequestOptions(self.timeouts),
  };
}
