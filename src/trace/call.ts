import type { Lane } from "./handles.ts";
import type { Shown } from "./shown.ts";

/** A call of a guest's, as a trace shows it. */
export interface Call {
  /** The interface as the guest names it: `wasi:io/poll@0.2.3`, `wasi_snapshot_preview1`. */
  readonly instance: string;
  /** Its WIT name. */
  readonly name: string;
  /** By the names of the parameters; `self` is what it is a method of. */
  readonly args: Readonly<Record<string, Shown>>;
  /** Since the trace began, ms. */
  readonly start: number;
  readonly lane: Lane;
  /** The number of the request that a server's guest makes it for, where that is known. */
  readonly request?: number;
  readonly mayWait: boolean;
}

/** A request to a server, as a trace shows it. */
export interface TracedHead {
  /** From 1, in the order in which they came. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly lane: Lane;
  /** The number of the instance that answers it. */
  readonly instance: number;
  /** Since the trace began, ms. */
  readonly start: number;
}

export interface TracedEnd {
  /** Undefined: there was no response. */
  readonly status: number | undefined;
  /** Whether all of it was sent. */
  readonly complete: boolean;
  /** Since the request began, ms. */
  readonly duration: number;
}

export type Outcome =
  | { readonly kind: "ok"; readonly value: Shown | undefined }
  | { readonly kind: "err"; readonly value: Shown }
  /** It has ended the guest. */
  | { readonly kind: "end"; readonly message: string };

/** One way to write a trace down. */
export interface Format {
  /** What a call that may wait writes before it is made. */
  begin?(call: Call): string;
  /** What it writes once it has to wait: it may never end. */
  wait?(call: Call): string;
  /** @param duration ms @param waited whether `wait` was written */
  end(call: Call, outcome: Outcome, duration: number, waited: boolean): string;
  beginRequest(request: TracedHead): string;
  endRequest(request: TracedHead, end: TracedEnd): string;
}
