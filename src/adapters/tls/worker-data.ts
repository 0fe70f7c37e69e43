import type { MessagePort } from "node:worker_threads";
import type { TlsCommand } from "../../machine/tls.ts";

/** A message to the thread. `end` ends it, and everything in progress. */
export type WorkerCommand = TlsCommand | { readonly type: "end" };

/** The data that the thread is started with. */
export interface WorkerData {
  readonly port: MessagePort;
  /** The writing end of a pipe: a byte in it wakes a guest that waits. */
  readonly wakeFd: number;
  /** Flags that both threads see, at the indices below. */
  readonly flags: Int32Array<SharedArrayBuffer>;
}

/** 1: a byte was, or is about to be, written to the pipe, and events have not been looked for since. */
export const RAISED = 0;

/** 1: the worker has opened the pipe for itself. */
export const STARTED = 1;

/** 1: the worker has failed and does nothing more. */
export const ENDED = 2;
