import { Trap } from "../../../core/wait/errors.ts";
import { type ByteProducer, HostFuture, type ValueProducer } from "../../streams.ts";
import { isSameType } from "../../types/subtype.ts";
import type { StreamOrFuture } from "../../types/types.ts";
import type { InstanceTasks } from "../instance-tasks.ts";
import { CopyEnd } from "./copy-end.ts";
import { Future } from "./future.ts";
import { Stream } from "./stream.ts";

/**
 * `lift_stream`, `lift_future`: takes the readable end out of the instance. Returns the object for the host or for another
 * component.
 */
export function liftReadable(instance: InstanceTasks, type: StreamOrFuture, index: number): Stream | Future {
  const end = copyEnd(instance, index, type);
  if (end.way !== "read") throw new Trap(`handle is not a readable end of a ${type.kind}`);
  end.give();
  return end.shared as Stream | Future;
}

/** `lower_stream`, `lower_future`: gives the instance a readable end. Returns its index. */
export function lowerReadable(instance: InstanceTasks, type: StreamOrFuture, value: unknown): number {
  const shared = type.kind === "stream" ? streamOf(instance, type, value) : futureOf(instance, value);
  return instance.add(new CopyEnd(shared, instance, "read", type.payload));
}

function streamOf({ scheduler }: InstanceTasks, { payload }: StreamOrFuture, value: unknown): Stream {
  if (value instanceof Stream) return value;
  if (typeof value === "object" && value !== null && "produce" in value && "readiness" in value)
    return new Stream(scheduler, payload, value as ByteProducer | ValueProducer);
  throw new TypeError("a stream is given by an object that produces it");
}

function futureOf({ scheduler }: InstanceTasks, value: unknown): Future {
  if (value instanceof Future) return value;
  if (value instanceof HostFuture) return new Future(scheduler, value);
  throw new TypeError("a future is given as a HostFuture");
}

/** Returns the end at an index, of a stream or future of that type. @throws Trap if it is another */
export function copyEnd(instance: InstanceTasks, index: number, { kind, payload }: StreamOrFuture): CopyEnd {
  const found = instance.entry(index);
  if (!(found instanceof CopyEnd) || found.shared.kind !== kind) throw new Trap(`handle is not a ${kind}`);
  if (found.payload !== payload) {
    if (!isSameType(found.payload, payload)) throw new Trap(`handle is a ${kind} of a different type`);
    // Compared only once.
    found.payload = payload;
  }
  return found;
}
