import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { randomInterfaces } from "../../random.ts";

/** `wasi:random`: a call gets at most `maxRandomSize` bytes, for in 0.3 it may return fewer than it was asked for. */
export function random({ machine, maxRandomSize }: WasiHost): Readonly<Record<string, HostInstance>> {
  return randomInterfaces(machine, (most) => (most < maxRandomSize ? most : maxRandomSize), "get-insecure-seed");
}
