import { Worker, type WorkerOptions } from "node:worker_threads";
import { workerSource } from "./worker-source.ts";

/** Starts a thread of Pollux's own. @param name As for `workerSource` @throws Error if there can be no thread */
export function startWorker(name: string, options: WorkerOptions): Worker {
  const source = workerSource(name);
  return new Worker(source, { ...options, eval: typeof source === "string" });
}
