/**
 * The thread that does HTTP: node:http and node:https, which all three runtimes have, one connection a request. It knows
 * nothing of WASI but the names of its errors. An entry point of the standalone binary.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import type { HttpEvent } from "../../machine/http.ts";
import { Exchange } from "./exchange.ts";
import { RAISED, STARTED, type WorkerCommand, type WorkerData } from "./worker-data.ts";

const { port, wakeFd, flags } = workerData as WorkerData;
// An fd of its own: Deno's node:fs takes no other, and it stays when the guest's thread has closed its one.
const pipe = openSync(`/dev/fd/${wakeFd}`, constants.O_WRONLY);
Atomics.store(flags, STARTED, 1);
Atomics.notify(flags, STARTED);

const wake = new Uint8Array(1);
const exchanges = new Map<number, Exchange>();

function post(event: HttpEvent): void {
  port.postMessage(event, event.type === "data" ? [event.bytes] : []);
  if (Atomics.exchange(flags, RAISED, 1) === 0) raise();
}

function raise(): void {
  try {
    writeSync(pipe, wake);
  } catch (error) {
    // The guest is gone: `close` is on its way.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

port.on("message", (command: WorkerCommand) => {
  if (command.type === "close") {
    for (const exchange of exchanges.values()) exchange.cancel();
    closeSync(pipe);
    // Nothing is left that would keep the thread.
    port.close();
    return;
  }
  const { id } = command;
  if (command.type === "request") {
    const over = () => exchanges.delete(id);
    exchanges.set(id, new Exchange(id, command.request, post, over));
    return;
  }
  // One that is over may still be spoken to: the guest's thread has not heard yet.
  const exchange = exchanges.get(id);
  if (command.type === "write") exchange?.write(new Uint8Array(command.bytes));
  else if (command.type === "finish") exchange?.finish(command.trailers);
  else if (command.type === "abort") exchange?.fail({ tag: "HTTP-protocol-error" });
  else if (command.type === "read") exchange?.grant(command.length);
  else exchange?.cancel();
});
