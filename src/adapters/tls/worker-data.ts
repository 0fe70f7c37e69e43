import type { MessagePort } from "node:worker_threads";
import type { TlsCommand } from "../../machine/tls.ts";

/** A message to the thread. `end`: to end, and all that it is at. */
export type WorkerCommand = TlsCommand | { readonly type: "end" };

/** The data that the thread is started with. */
export interface WorkerData {
  readonly port: MessagePort;
  /** The writing end of a pipe: a byte in it wakes a guest that waits. */
  readonly wakeFd: number;
  /** Flags that both threads see. */
  readonly flags: Int32Array<SharedArrayBuffer>;
}

/** 1: a byte was written to the pipe, or is about to be, and events were not looked for since. */
export const RAISED = 0;

/** 1: the worker has opened the pipe for itself. */
export const STARTED = 1;

/** 1: the worker has failed, and does nothing more. */
export const ENDED = 2;
