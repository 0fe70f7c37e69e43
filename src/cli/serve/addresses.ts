/** Where a server listens: on what its command line names, on what a service manager has handed in, on what `--watch` has opened. */
import { socketAddressOf } from "../../machine/ip.ts";
import type { ListenAddress, ServeOptions } from "../../run/serve/options.ts";
import type { Settings } from "../options/settings.ts";
import { Failure } from "../output/failure.ts";
import { inheritedFds } from "../run/listeners.ts";
import type { Supervised } from "../run/surroundings.ts";

type Addresses = Pick<ServeOptions, "listen" | "shutdownAddress">;

const defaultAddress: ListenAddress = {
  tag: "tcp",
  address: socketAddressOf({ tag: "ipv4", val: [0, 0, 0, 0] }, 8080),
};

/** @throws Failure when there is nowhere to listen */
export function addressesOf(given: Settings, supervised?: Supervised): Addresses {
  const asked = { listen: listenAddresses(given), shutdownAddress: shutdownAddress(given) };
  if (supervised === undefined) return asked;
  // In the order of `socketsOf`.
  const sockets = supervised.sockets.map((fd) => ({ tag: "descriptor", fd }) as const);
  const shutdown = asked.shutdownAddress === undefined ? undefined : sockets.pop();
  return { listen: sockets, shutdownAddress: shutdown };
}

/** All the sockets that these are, for a process that is handed them. */
export function socketsOf({ listen, shutdownAddress }: Addresses): readonly ListenAddress[] {
  return shutdownAddress === undefined ? listen : [...listen, shutdownAddress];
}

function listenAddresses({ serve: { addresses }, wasi }: Settings): readonly ListenAddress[] {
  const handed = wasi.listenfd === true ? inheritedFds() : [];
  if (wasi.listenfd === true && handed.length + addresses.length === 0)
    throw new Failure("--listenfd: the service manager handed in no sockets (LISTEN_FDS)");
  const descriptors = handed.map((fd): ListenAddress => ({ tag: "descriptor", fd }));
  const all = [...descriptors, ...addresses];
  return all.length > 0 ? all : [defaultAddress];
}

function shutdownAddress({ serve: { shutdownAddress: address } }: Settings): Addresses["shutdownAddress"] {
  return address === undefined ? undefined : { tag: "tcp", address };
}
