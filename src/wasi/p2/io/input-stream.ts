import type { InputStream } from "../../../core/streams/input-stream.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";
import { Pollable } from "./pollable.ts";
import { WasiResource } from "./resource.ts";

/** `wasi:io/streams.input-stream`: the guest's handle for a byte stream. */
export class InputStreamResource extends WasiResource {
  readonly stream: InputStream;

  constructor(stream: InputStream, parent?: WasiResource) {
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
