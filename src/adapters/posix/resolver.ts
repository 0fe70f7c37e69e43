import type { Net } from "../contract.ts";
import { UnsupportedRuntime } from "../unsupported-runtime.ts";
import { AddrinfoReader } from "./addrinfo.ts";
import type { NetContext } from "./net-context.ts";
import { AsyncResolver } from "./resolver-async.ts";
import { BlockingResolver } from "./resolver-blocking.ts";
import { asyncLookupSymbols, lookupSymbols } from "./symbols.ts";

/** getaddrinfo(3), by one mechanism or another. Names are ASCII, without NUL. */
export type Resolver = Pick<Net, "lookup">;

/** `getaddrinfo_a` where libc has it, else a getaddrinfo that the whole program waits for. */
export function openResolver(context: NetContext, forced?: "async" | "blocking"): Resolver {
  const { ffi, os } = context;
  const libc = ffi.open(os.libraries, lookupSymbols);
  const reader = new AddrinfoReader(context, libc);
  if (forced !== "blocking") {
    try {
      return new AsyncResolver(context, reader, ffi.open(os.libraries, asyncLookupSymbols));
    } catch (error) {
      if (!(error instanceof UnsupportedRuntime) || forced === "async") throw error;
    }
  }
  return new BlockingResolver(context, reader, libc);
}
