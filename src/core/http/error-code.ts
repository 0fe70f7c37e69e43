/** The cases of `wasi:http/types.error-code` that Pollux uses. */
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
  | { readonly tag: "DNS-error"; readonly val: { readonly rcode: string; readonly infoCode: number | undefined } }
  | { readonly tag: "HTTP-request-body-size" | "HTTP-response-body-size"; readonly val: bigint }
  | { readonly tag: "internal-error"; readonly val: string };

/** A header or trailer: its name in lower case, and the bytes of its value. A name may occur more than once. */
export type HttpField = readonly [name: string, value: Uint8Array];
