import type { HostInstance } from "../../../component/host.ts";
import type { OperationError } from "../../../core/streams/stream-error.ts";
import type { WasiHost } from "../../host.ts";

/** `wasi:sockets/network.network`: carries nothing; what a guest may reach is the policy's. */
export class Network {}

/** `wasi:sockets/network`. `network-error-code` is gated by -S network-error-code, as wasmtime's. */
export function network({ networkErrorCode }: WasiHost): HostInstance {
  const instance: HostInstance = { network: Network };
  if (!networkErrorCode) return instance;
  return {
    ...instance,
    "network-error-code": (error: OperationError) => (typeof error.cause === "string" ? error.cause : undefined),
  };
}

/** `wasi:sockets/instance-network` */
export function instanceNetwork(): HostInstance {
  return { "instance-network": () => new Network() };
}
