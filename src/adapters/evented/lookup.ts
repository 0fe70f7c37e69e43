import { lookup } from "node:dns/promises";
import type { IpAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { ipOf, socketAddress, withoutMapping } from "../../machine/ip.ts";
import { READABLE } from "../../machine/selector.ts";
import type { LookupHandle } from "../../machine/sockets.ts";
import type { LookupQueue, Queued } from "../process/lookup-queue.ts";
import { errorCodeOf } from "./failure.ts";
import type { EventedSelector, EventedSource } from "./selector.ts";

/** getaddrinfo(3) by node:dns, which all three runtimes have, and run on other threads. */
export class EventedLookup implements LookupHandle, Queued {
  readonly source: EventedSource;
  readonly #selector: EventedSelector;
  readonly #queue: LookupQueue<EventedLookup>;
  readonly #name: string;
  #answer: readonly IpAddress[] | ErrorCode = "would-block";

  constructor(selector: EventedSelector, queue: LookupQueue<EventedLookup>, name: string) {
    this.source = selector.open();
    this.#selector = selector;
    this.#queue = queue;
    this.#name = name;
    queue.add(this);
  }

  start(): boolean {
    resolve(this.#name).then((answer) => {
      this.#answer = answer;
      this.#selector.update(this.source, READABLE);
      this.#queue.ended();
    });
    return true;
  }

  addresses(): readonly IpAddress[] | ErrorCode {
    return this.#answer;
  }

  /** A look-up in progress continues; its source is no longer of interest. */
  close(): void {
    this.#queue.remove(this);
  }
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
