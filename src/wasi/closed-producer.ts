import type { ByteProducer } from "../component/streams.ts";
import { Condition } from "../core/wait/condition.ts";

/** Returns the producer of an empty, closed stream. @param buffer the machine's */
export function closedProducer(buffer: Uint8Array): ByteProducer {
  return { readiness: Condition.ready(), buffer, produce: () => "closed", drop: () => {} };
}
