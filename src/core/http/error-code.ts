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
  | { readonly tag: "DNS-error"; readonly val: { readonly rcode: string; readonly infoCode: number | undefined } }
  | { readonly tag: "HTTP-request-body-size" | "HTTP-response-body-size"; readonly val: bigint }
  | { readonly tag: "internal-error"; readonly val: string };

/** A header or trailer: its name in lower case, its value's bytes. A name may repeat. */
export type HttpField = readonly [name: string, value: Uint8Array];
