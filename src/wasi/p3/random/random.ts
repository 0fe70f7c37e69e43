import type { WasiHost } from "../../host.ts";
import { randomInterfaces } from "../../random.ts";

/**
 * `wasi:random` 0.3, getrandom(2). A call returns at most `maxRandomSize` bytes: 0.3 allows fewer than were asked for.
 */
export const random = randomInterfaces(atMost, "get-insecure-seed");

function atMost({ maxRandomSize }: WasiHost, length: bigint): bigint {
  return length > maxRandomSize ? maxRandomSize : length;
}
