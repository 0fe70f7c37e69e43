import type { Net } from "../../../machine/sockets.ts";
import { UnsupportedRuntime } from "../../../machine/unsupported-runtime.ts";
import { asyncLookupSymbols, lookupSymbols } from "../libc/symbols.ts";
import type { NetContext } from "../net/net-context.ts";
import { AddrinfoReader } from "./addrinfo.ts";
import { Getaddrinfo } from "./getaddrinfo.ts";
import { AsyncResolver } from "./resolver-async.ts";
import { BlockingResolver } from "./resolver-blocking.ts";

/** getaddrinfo(3), by one of two mechanisms. Names are ASCII, without NUL. */
export type Resolver = Pick<Net, "lookup">;

/** Shared by all machines of the process. */
let reader: AddrinfoReader | undefined;
let shared: Getaddrinfo | undefined;

/** Returns `getaddrinfo_a` if libc has it, else a blocking getaddrinfo. */
export function openResolver(context: NetContext, forced?: "async" | "blocking"): Resolver {
  const { ffi, os, sys } = context;
  reader ??= new AddrinfoReader(context, ffi.open(os.libraries, lookupSymbols));
  if (forced !== "blocking" && sys.epoll !== undefined) {
    try {
      shared ??= new Getaddrinfo(context, sys.epoll, reader, ffi.open(os.libraries, asyncLookupSymbols));
      return new AsyncResolver(context, shared);
    } catch (error) {
      if (!(error instanceof UnsupportedRuntime) || forced === "async") throw error;
    }
  }
  return new BlockingResolver(context, reader);
}
