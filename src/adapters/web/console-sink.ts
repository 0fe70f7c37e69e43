import type { ByteSink } from "../../machine/streams.ts";

/** The longest line in characters; a longer one is written in parts. */
const MAX_LINE_LENGTH = 65_536;

/** Writes lines to a console; keeps text until its line ends. */
export class ConsoleSink implements ByteSink {
  readonly source = undefined;
  readonly #write: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #line = "";

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const text = this.#decoder.decode(bytes.subarray(start, end), { stream: true });
    const at = text.lastIndexOf("\n");
    if (at < 0) {
      this.#line += text;
    } else {
      this.#write(this.#line + text.slice(0, at));
      this.#line = text.slice(at + 1);
    }
    if (this.#line.length > MAX_LINE_LENGTH) this.end();
    return end - start;
  }

  /** Writes the last line, if it has no end. */
  end(): void {
    if (this.#line !== "") this.#write(this.#line);
    this.#line = "";
  }
}
