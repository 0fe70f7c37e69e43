import type { Machine } from "../../../machine/machine.ts";
import { byteString } from "../fields.ts";

/** The time for which a text is used, ns: it shows seconds. */
const SECOND = 1e9;

/** The `date` field of responses (RFC 9110, section 6.6.1), formatted once a second. */
export class HttpDate {
  readonly #machine: Machine;
  #line: Uint8Array = new Uint8Array();
  #until = Number.NEGATIVE_INFINITY;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Returns the field with its CR LF. @param now ns on the machine's clock */
  line(now: number): Uint8Array {
    if (now < this.#until) return this.#line;
    const wall = this.#machine.wallClock.now();
    const date = new Date(Number(wall / 1_000_000n)).toUTCString();
    this.#line = byteString(`date: ${date}\r\n`);
    this.#until = now + SECOND - Number(wall % BigInt(SECOND));
    return this.#line;
  }
}
