import type { HostInstance } from "../../../component/host.ts";
import type { OperationError } from "../../../core/streams/stream-error.ts";
import type { WasiHost } from "../../host.ts";

/** `wasi:sockets/network.network`, which has no content: the policy decides what a guest may reach. */
export class Network {}

/** Makes `wasi:sockets/network`. `network-error-code` exists only with -S network-error-code, as in wasmtime. */
export function network({ networkErrorCode }: WasiHost): HostInstance {
  const instance: HostInstance = { network: Network };
  if (!networkErrorCode) return instance;
  return {
    ...instance,
    "network-error-code": (error: OperationError) => (typeof error.cause === "string" ? error.cause : undefined),
  };
}

/** Makes `wasi:sockets/instance-network`. */
export function instanceNetwork(): HostInstance {
  return { "instance-network": () => new Network() };
}
