import type { WasiHost } from "../../host.ts";
import { randomInterfaces } from "../../random.ts";

/** `wasi:random`: a call gets at most `maxRandomSize` bytes, for in 0.3 it may return fewer than it was asked for. */
export const random = randomInterfaces(atMost, "get-insecure-seed");

function atMost({ maxRandomSize }: WasiHost, length: bigint): bigint {
  return length > maxRandomSize ? maxRandomSize : length;
}
