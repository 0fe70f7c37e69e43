import { MessageChannel, receiveMessageOnPort, SHARE_ENV, type Worker } from "node:worker_threads";
import type { ErrorCode } from "../../machine/error-code.ts";
import { TLS_START_NS, type TlsChannel, type TlsEvent } from "../../machine/tls.ts";
import type { WakePipe } from "../posix/wait/wake-pipe.ts";
import { startWorker } from "../process/worker.ts";
import { ENDED, RAISED, STARTED, type WorkerCommand, type WorkerData } from "./worker-data.ts";

/** How long closing waits for a thread that has not started yet, ms. */
const START_WAIT_MS = 1000;

/** Opens a worker thread of the runtime that does TLS with node:tls, and wakes the guest through a pipe. */
export function openTlsThread(openPipe: () => WakePipe | ErrorCode): TlsChannel | ErrorCode {
  const opened = openPipe();
  if (typeof opened === "string") return opened;
  const pipe: WakePipe = opened;
  const { port1: port, port2 } = new MessageChannel();
  const flags = new Int32Array(new SharedArrayBuffer(12));
  const workerData: WorkerData = { port: port2, wakeFd: pipe.writing, flags };
  let thread: Worker;
  try {
    thread = startWorker("src/adapters/tls/tls-worker", {
      workerData,
      transferList: [port2],
      execArgv: [],
      env: SHARE_ENV,
    });
  } catch {
    // No thread can be started (ERR_WORKER_INIT_FAILED).
    port.close();
    pipe.close();
    return "out-of-memory";
  }
  let ended = false;
  // Keeps no program alive: a guest that waits for it waits for the pipe.
  thread.unref();
  port.unref();
  thread.on("error", () => end());
  thread.on("exit", () => end());
  const started = performance.now();
  let looking = false;

  function end(): void {
    if (ended) return;
    ended = true;
    pipe.wake();
  }

  return {
    source: pipe.source,
    get broken() {
      if (ended || Atomics.load(flags, ENDED) === 1) return true;
      return Atomics.load(flags, STARTED) === 0 && (performance.now() - started) * 1e6 >= TLS_START_NS;
    },
    post(command) {
      port.postMessage(command, command.type === "write" ? [command.bytes] : []);
    },
    clear() {
      pipe.drain();
      // Cleared before looking for events: one that comes meanwhile sets it again.
      Atomics.store(flags, RAISED, 0);
      looking = true;
    },
    receive(): TlsEvent | undefined {
      if (!looking && Atomics.load(flags, RAISED) === 0) return undefined;
      const received: { readonly message: TlsEvent } | undefined = receiveMessageOnPort(port);
      looking = received !== undefined;
      return received?.message;
    },
    close() {
      // The worker opens the pipe by its number, so the pipe must stay open until then.
      if (!ended) Atomics.wait(flags, STARTED, 0, START_WAIT_MS);
      ended = true;
      const command: WorkerCommand = { type: "end" };
      port.postMessage(command);
      if (Atomics.load(flags, STARTED) === 1) pipe.close();
      else void thread.terminate().then(() => pipe.close());
    },
  };
}
