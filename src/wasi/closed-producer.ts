import type { ByteProducer } from "../component/streams.ts";
import { Condition } from "../core/wait/condition.ts";

/** A stream that is over before anything was in it. @param buffer The machine's */
export function closedProducer(buffer: Uint8Array): ByteProducer {
  return { readiness: Condition.ready(), buffer, produce: () => "closed", drop: () => {} };
}
