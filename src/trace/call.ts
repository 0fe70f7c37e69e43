import type { Lane } from "./handles.ts";
import type { Shown } from "./shown.ts";

/** A guest's call as a trace shows it. */
export interface Call {
  /** The interface as the guest names it: `wasi:io/poll@0.2.3`, `wasi_snapshot_preview1`. */
  readonly instance: string;
  /** The function's WIT name. */
  readonly name: string;
  /** Arguments by parameter name; `self` is the object of a method. */
  readonly args: Readonly<Record<string, Shown>>;
  /** Time since the trace began, ms. */
  readonly start: number;
  readonly lane: Lane;
  /** The number of the server's request that the call is made for, if known. */
  readonly request?: number;
  readonly mayWait: boolean;
}

/** A request to a server as a trace shows it. */
export interface TracedHead {
  /** Counted from 1, in order of arrival. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly lane: Lane;
  /** The number of the instance that handles it. */
  readonly instance: number;
  /** Time since the trace began, ms. */
  readonly start: number;
}

export interface TracedEnd {
  /** Undefined if there was no response. */
  readonly status: number | undefined;
  /** Whether all of the response was sent. */
  readonly complete: boolean;
  /** Time since the request began, ms. */
  readonly duration: number;
}

export type Outcome =
  | { readonly kind: "ok"; readonly value: Shown | undefined }
  | { readonly kind: "err"; readonly value: Shown }
  /** The call ended the guest. */
  | { readonly kind: "end"; readonly message: string };

/** A format of traces. */
export interface Format {
  /** What makes the text so far whole, if that is not whole by itself: the next text takes its place. */
  readonly closing?: string;
  /** What a trace begins with. */
  readonly opening?: string;
  /** Returns the text before a call that may wait. */
  begin?(call: Call): string;
  /** Returns the text when the call has to wait, as it may never end. */
  wait?(call: Call): string;
  /** Returns the text after a call. @param duration ms @param waited whether `wait` was written */
  end(call: Call, outcome: Outcome, duration: number, waited: boolean): string;
  beginRequest(request: TracedHead): string;
  endRequest(request: TracedHead, end: TracedEnd): string;
}
