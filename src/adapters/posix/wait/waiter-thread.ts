import { workerData } from "node:worker_threads";
import type { Platform } from "../libc/platform.ts";
import { STOP, type WaiterData } from "./waiter.ts";

const MAX_EVENTS = 64;

/** The waiter thread's main function, which runs until the process ends. */
export function serveWaiter({ ffi, os }: Platform): void {
  const { epoll, slots }: WaiterData = workerData;
  const sys = os.open(ffi);
  const calls = sys.epoll;
  if (calls === undefined) throw new Error("a waiter without epoll");
  const events = sys.allocate(calls.eventSize * MAX_EVENTS);
  for (;;) {
    const count = calls.wait(epoll, events.pointer, MAX_EVENTS, -1);
    for (let i = 0; i < count; i++) {
      const slot = events.view.getUint32(i * calls.eventSize + calls.dataOffset, true);
      if (slot === STOP) return;
      Atomics.add(slots, slot, 1);
      Atomics.notify(slots, slot);
    }
  }
}
