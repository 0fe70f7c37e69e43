/**
 * What the core asks of a machine for outgoing HTTP: a thread beside the guest's that makes requests, and messages to and
 * from it. Neither side waits for the other: a message is answered, if at all, by later messages, and `source` tells of them.
 */
import type { ErrorCode } from "./error-code.ts";
import type { Source } from "./selector.ts";

/** Those cases of `wasi:http/types.error-code` that Pollux has a use for. */
export type HttpErrorCode =
  | {
      readonly tag:
        | "connection-refused"
        | "connection-timeout"
        | "connection-read-timeout"
        | "TLS-protocol-error"
        | "HTTP-request-denied"
        | "HTTP-request-method-invalid"
        | "HTTP-request-URI-invalid"
        | "HTTP-protocol-error";
    }
  | { readonly tag: "DNS-error"; readonly val: { readonly rcode: string; readonly infoCode: number } }
  | { readonly tag: "HTTP-request-body-size" | "HTTP-response-body-size"; readonly val: bigint }
  | { readonly tag: "internal-error"; readonly val: string };

/** A header or trailer: its name in lower case, its value's bytes. A name may repeat. */
export type HttpField = readonly [name: string, value: Uint8Array];

export interface HttpRequest {
  readonly method: string;
  readonly secure: boolean;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Begins with `/`, or is `*`; bytes above 0x7f stand as such, one a character. */
  readonly path: string;
  /** With `host`. What frames the body (content-length) is the sender's to say. */
  readonly headers: readonly HttpField[];
  /** Whether `write` and `finish` or `abort` follow. */
  readonly body: boolean;
  /** ns; Infinity: none. To the connection; from there to the response's head; between two pieces of its body. */
  readonly connectTimeout: number;
  readonly firstByteTimeout: number;
  readonly betweenBytesTimeout: number;
}

/**
 * Of an exchange, a request and its response, by the number that `request` gave it. Bodies go as buffers: Deno takes 25 ms to
 * hand over 64 KiB as a Uint8Array.
 */
export type HttpCommand =
  | { readonly type: "request"; readonly id: number; readonly request: HttpRequest }
  /** A piece of the request's body, which `written` acknowledges. */
  | { readonly type: "write"; readonly id: number; readonly bytes: ArrayBuffer }
  | { readonly type: "finish"; readonly id: number; readonly trailers: readonly HttpField[] }
  /** The body ends before its end: the exchange fails with HTTP-protocol-error. */
  | { readonly type: "abort"; readonly id: number }
  /** So many bytes of the response's body were read: as many more may come (`HTTP_WINDOW`). */
  | { readonly type: "read"; readonly id: number; readonly length: number }
  /** Nobody wants the rest. No event follows that matters. */
  | { readonly type: "cancel"; readonly id: number };

export type HttpEvent =
  | { readonly type: "response"; readonly id: number; readonly status: number; readonly headers: readonly HttpField[] }
  | { readonly type: "data"; readonly id: number; readonly bytes: ArrayBuffer }
  /** The body was complete. Undefined: it had no trailers. The exchange is over. */
  | { readonly type: "end"; readonly id: number; readonly trailers: readonly HttpField[] | undefined }
  /** The exchange is over. */
  | { readonly type: "error"; readonly id: number; readonly error: HttpErrorCode }
  /** So many bytes of the request's body have left for the kernel. */
  | { readonly type: "written"; readonly id: number; readonly length: number };

/** The bytes of one response's body that are sent ahead of `read`, at most; a piece may exceed it. */
export const HTTP_WINDOW = 262_144;

/** The thread. */
export interface HttpThread {
  /** READABLE when there may be events. */
  readonly source: Source;
  /** Hands the bytes of a `write` over: they are gone here. */
  post(command: HttpCommand): void;
  /** The next event; undefined: none is there now. */
  receive(): HttpEvent | undefined;
  /** Ends the thread and whatever it is at. */
  close(): void;
}

/** Starts a thread. The code for it has been loaded. */
export type StartHttpThread = () => HttpThread | ErrorCode;
