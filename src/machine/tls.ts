/**
 * The contract between the core and a machine for TLS. The runtime makes and encrypts the connections, possibly on a
 * thread of its own, and exchanges messages with the core. Neither side waits for the other: replies to a message, if
 * any, are later messages, which `source` announces.
 */
import type { ErrorCode } from "./error-code.ts";
import type { Source } from "./selector.ts";

/**
 * A command for a connection, by the number that its `connect` gave. Bytes are passed as buffers: Deno takes 25 ms to
 * pass 64 KiB as a Uint8Array.
 */
export type TlsCommand =
  /** Connects to that address and no other; the certificate must be for `serverName`, a name or an address. */
  | {
      readonly type: "connect";
      readonly id: number;
      readonly address: string;
      readonly port: number;
      readonly serverName: string;
    }
  /** Sends bytes; `written` acknowledges them. */
  | { readonly type: "write"; readonly id: number; readonly bytes: ArrayBuffer }
  /** This weight was taken, as `tlsWeight` counts: as much more may be sent (`TLS_WINDOW`). */
  | { readonly type: "taken"; readonly id: number; readonly length: number }
  /** Closes the connection: later events do not matter. `flush`: sends what was written first. */
  | { readonly type: "close"; readonly id: number; readonly flush: boolean };

export type TlsEvent =
  | { readonly type: "secured"; readonly id: number }
  | { readonly type: "data"; readonly id: number; readonly bytes: ArrayBuffer }
  /** This many bytes have been passed to the kernel. */
  | { readonly type: "written"; readonly id: number; readonly length: number }
  /** The peer sends no more. */
  | { readonly type: "end"; readonly id: number }
  /** The connection failed: `refused` before there was one, `insecure` before it was secured, else `broken`. */
  | { readonly type: "failed"; readonly id: number; readonly stage: "refused" | "insecure" | "broken" };

/**
 * The most weight of one connection that may be sent ahead of `taken`, as `tlsWeight` counts; one piece may exceed it.
 */
export const TLS_WINDOW = 262_144;

/** Returns the weight of a piece: its bytes, but at least the cost of passing it on. */
export function tlsWeight(length: number): number {
  return Math.max(length, 1024);
}

/** How long the TLS side may take to start, ns. */
export const TLS_START_NS = 10e9;

export interface TlsChannel {
  /** Whether the TLS side has failed, or has not started within `TLS_START_NS`: no more events come. */
  readonly broken: boolean;
  /** READABLE when there may be events. */
  readonly source: Source;
  /** Sends a command. The bytes of a `write` are transferred: they are gone here. */
  post(command: TlsCommand): void;
  /**
   * Resets the source after it was reported: it fires again only for events other than those that can be received now.
   */
  clear(): void;
  /** Returns the next event; undefined if there is none now. */
  receive(): TlsEvent | undefined;
  /** Ends all connections of the channel. */
  close(): void;
}

/** Opens a channel. Its code is already loaded. */
export type OpenTls = () => TlsChannel | ErrorCode;
