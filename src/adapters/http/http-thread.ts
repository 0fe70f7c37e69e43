import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { ErrorCode } from "../../machine/error-code.ts";
import type { HttpCommand, HttpEvent, HttpThread } from "../../machine/http.ts";
import type { WakePipe } from "../posix/wait/wake-pipe.ts";
import { RAISED, STARTED, type WorkerCommand, type WorkerData } from "./worker-data.ts";

/** Beside this file: as source, or as compiled (in the standalone binary, both are in its root). */
const worker = new URL(import.meta.url.endsWith(".ts") ? "./http-worker.ts" : "./http-worker.js", import.meta.url);

/** A worker thread of the runtime that does HTTP with its node:http, and wakes the guest through a pipe. */
export function startHttpThread(openPipe: () => WakePipe | ErrorCode): HttpThread | ErrorCode {
  const pipe = openPipe();
  if (typeof pipe === "string") return pipe;
  const { port1: port, port2 } = new MessageChannel();
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const workerData: WorkerData = { port: port2, wakeFd: pipe.writing, flags };
  const thread = new Worker(worker, { workerData, transferList: [port2], execArgv: [] });
  // It keeps nobody alive: whoever waits for it waits for the pipe.
  thread.unref();
  port.unref();
  let looking = false;

  return {
    source: pipe.source,
    post(command: HttpCommand) {
      port.postMessage(command, command.type === "write" ? [command.bytes] : []);
    },
    receive(): HttpEvent | undefined {
      // The flag falls before the events are looked for: one that comes meanwhile raises it again.
      if (Atomics.load(flags, RAISED) === 1) {
        pipe.drain();
        Atomics.store(flags, RAISED, 0);
        looking = true;
      }
      if (!looking) return undefined;
      const received: { readonly message: HttpEvent } | undefined = receiveMessageOnPort(port);
      looking = received !== undefined;
      return received?.message;
    },
    close() {
      // The worker opens the pipe by its number, which must be the pipe's until then.
      Atomics.wait(flags, STARTED, 0);
      const command: WorkerCommand = { type: "close" };
      port.postMessage(command);
      pipe.close();
    },
  };
}
