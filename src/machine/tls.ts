/**
 * What the core asks of a machine for TLS: connections that the runtime makes and encrypts, and messages to and from whoever does
 * that, a thread beside the guest's, perhaps. Neither side waits for the other: a message is answered, if at all, by later
 * messages, and `source` tells of them.
 */
import type { ErrorCode } from "./error-code.ts";
import type { Source } from "./selector.ts";

/**
 * Of a connection, by the number that `connect` gave it. Bytes go as buffers: Deno takes 25 ms to hand over 64 KiB as a
 * Uint8Array.
 */
export type TlsCommand =
  /** To that address and no other; the certificate must be for `serverName`, a name or an address. */
  | {
      readonly type: "connect";
      readonly id: number;
      readonly address: string;
      readonly port: number;
      readonly serverName: string;
    }
  /** To be sent; `written` acknowledges it. */
  | { readonly type: "write"; readonly id: number; readonly bytes: ArrayBuffer }
  /** So much was taken, as `tlsWeight` counts: as much more may come (`TLS_WINDOW`). */
  | { readonly type: "taken"; readonly id: number; readonly length: number }
  /** No event follows that matters. `flush`: what was written is sent first. */
  | { readonly type: "close"; readonly id: number; readonly flush: boolean };

export type TlsEvent =
  | { readonly type: "secured"; readonly id: number }
  | { readonly type: "data"; readonly id: number; readonly bytes: ArrayBuffer }
  /** So many bytes have left for the kernel. */
  | { readonly type: "written"; readonly id: number; readonly length: number }
  /** The peer sends no more. */
  | { readonly type: "end"; readonly id: number }
  /** It is over: `refused` before there was a connection, `insecure` before it was secured, else `broken`. */
  | { readonly type: "failed"; readonly id: number; readonly stage: "refused" | "insecure" | "broken" };

/** The most of one connection that comes ahead of `taken`, as `tlsWeight` counts; a piece may exceed it. */
export const TLS_WINDOW = 262_144;

/** The weight of a piece: its bytes, and no less than what it costs to hand it over. */
export function tlsWeight(length: number): number {
  return Math.max(length, 1024);
}

/** How long whoever does TLS may take to begin, ns. */
export const TLS_START = 10e9;

export interface TlsChannel {
  /** Whoever does TLS is gone, or has not begun within `TLS_START`: no event comes any more. */
  readonly broken: boolean;
  /** READABLE when there may be events. */
  readonly source: Source;
  /** Hands the bytes of a `write` over: they are gone here. */
  post(command: TlsCommand): void;
  /** The source has fired: it does not any more, until there are other events than those that can be received now. */
  clear(): void;
  /** The next event; undefined: none is there now. */
  receive(): TlsEvent | undefined;
  /** Ends all of its connections. */
  close(): void;
}

/** Opens a channel. The code for it has been loaded. */
export type OpenTls = () => TlsChannel | ErrorCode;
