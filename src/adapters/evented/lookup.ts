import { lookup } from "node:dns/promises";
import { type ErrorCode, type IpAddress, type LookupHandle, READABLE } from "../contract.ts";
import { ipOf, socketAddress, withoutMapping } from "../ip.ts";
import { errorCodeOf } from "./failure.ts";
import type { EventedSelector, EventedSource } from "./selector.ts";

/** getaddrinfo(3) by node:dns, which all three runtimes have and run beside the program. */
export class EventedLookup implements LookupHandle {
  readonly source: EventedSource;
  #answer: readonly IpAddress[] | ErrorCode = "would-block";

  constructor(selector: EventedSelector, name: string) {
    this.source = selector.open();
    resolve(name).then((answer) => {
      this.#answer = answer;
      selector.update(this.source, READABLE);
    });
  }

  addresses(): readonly IpAddress[] | ErrorCode {
    return this.#answer;
  }

  /** Nobody is interested in the source any more: the answer reaches no one. */
  close(): void {}
}

async function resolve(name: string): Promise<readonly IpAddress[] | ErrorCode> {
  if (name === "") return "name-unresolvable";
  try {
    const found = new Map<string, IpAddress>();
    for (const { address } of await lookup(name, { all: true, order: "verbatim" })) {
      const ip = withoutMapping(ipOf(socketAddress(address, 0)));
      found.set(ip.val.join(), ip);
    }
    return found.size === 0 ? "name-unresolvable" : [...found.values()];
  } catch (error) {
    return errorCodeOf(error) === "access-denied" ? "access-denied" : "name-unresolvable";
  }
}
