/** The thread that does TLS for a guest that blocks its own. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import process from "node:process";
import { workerData } from "node:worker_threads";
import type { TlsEvent } from "../../machine/tls.ts";
import { TlsSessions } from "./sessions.ts";
import { ENDED, RAISED, STARTED, type WorkerCommand, type WorkerData } from "./worker-data.ts";

const { port, wakeFd, flags } = workerData as WorkerData;
// An fd of its own: Deno's node:fs accepts no other, and it stays open when the guest's thread closes its own.
const pipe = openSync(`/dev/fd/${wakeFd}`, constants.O_WRONLY);
Atomics.store(flags, STARTED, 1);
Atomics.notify(flags, STARTED);

// The guest's thread, which may sleep, learns of a failure only by this.
process.on("uncaughtException", () => {
  Atomics.store(flags, ENDED, 1);
  raise();
});

const wake = new Uint8Array(1);
const sessions = new TlsSessions(post);

function post(event: TlsEvent): void {
  port.postMessage(event, event.type === "data" ? [event.bytes] : []);
  if (Atomics.exchange(flags, RAISED, 1) === 0) raise();
}

function raise(): void {
  try {
    writeSync(pipe, wake);
  } catch (error) {
    // The guest is gone, and `end` follows.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

port.on("message", (command: WorkerCommand) => {
  if (command.type !== "end") return sessions.on(command);
  sessions.closeAll();
  closeSync(pipe);
  // Nothing is left that would keep the thread alive.
  port.close();
});
