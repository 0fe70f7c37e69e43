import type { InputStream } from "../../../core/streams/input-stream.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";
import { Pollable } from "./pollable.ts";
import { Resource } from "./resource.ts";

/** `wasi:io/streams.input-stream`: a guest's handle on a stream of bytes. */
export class InputStreamResource extends Resource {
  readonly stream: InputStream;

  constructor(stream: InputStream, parent?: Resource) {
    super(parent);
    this.stream = stream;
  }

  subscribe(now: number): Pollable {
    return new Pollable(this.stream.readiness, now, this);
  }

  override [Symbol.dispose](): Waiting<void> {
    super[Symbol.dispose]();
    return this.stream.dispose();
  }
}
