import { mayWait } from "../../../component/host.ts";
import type { OutputStream } from "../../../core/streams/output-stream.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";
import { Pollable } from "./pollable.ts";
import { WasiResource } from "./resource.ts";

/** `wasi:io/streams.output-stream`: the guest's handle for a byte stream. */
export class OutputStreamResource extends WasiResource {
  /** Dropping it waits until what was written is sent. */
  static readonly [mayWait] = true;
  readonly stream: OutputStream;

  constructor(stream: OutputStream, parent?: WasiResource) {
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
