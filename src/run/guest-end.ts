import type { Trap } from "../core/wait/errors.ts";
import { trapOf } from "../wasm/engine-trap.ts";
import type { GuestOptions } from "./options.ts";

/** Returns the reason that a guest ended at that stage: its trap, with frames, or else the error as it was thrown. */
export function endReason(error: unknown, stage: Trap["stage"], { limiter }: Pick<GuestOptions, "limiter">): unknown {
  const trap = trapOf(error, stage);
  return trap === undefined ? error : (limiter?.explained(trap) ?? trap);
}
