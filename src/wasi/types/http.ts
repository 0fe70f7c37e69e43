/** The types of `wasi:http` that are the same in every version. */
export const httpTypes: Readonly<Record<string, string>> = {
  method: "variant { get, head, post, put, delete, connect, options, trace, patch, other(string) }",
  scheme: "variant { HTTP, HTTPS, other(string) }",
  "DNS-error-payload": "record { rcode: option<string>, info-code: option<u16> }",
  "TLS-alert-received-payload": "record { alert-id: option<u8>, alert-message: option<string> }",
  "field-size-payload": "record { field-name: option<string>, field-size: option<u32> }",
  "error-code":
    "variant { DNS-timeout, DNS-error(DNS-error-payload), destination-not-found, destination-unavailable, " +
    "destination-IP-prohibited, destination-IP-unroutable, connection-refused, connection-terminated, " +
    "connection-timeout, connection-read-timeout, connection-write-timeout, connection-limit-reached, " +
    "TLS-protocol-error, TLS-certificate-error, TLS-alert-received(TLS-alert-received-payload), HTTP-request-denied, " +
    "HTTP-request-length-required, HTTP-request-body-size(option<u64>), HTTP-request-method-invalid, " +
    "HTTP-request-URI-invalid, HTTP-request-URI-too-long, HTTP-request-header-section-size(option<u32>), " +
    "HTTP-request-header-size(option<field-size-payload>), HTTP-request-trailer-section-size(option<u32>), " +
    "HTTP-request-trailer-size(field-size-payload), HTTP-response-incomplete, " +
    "HTTP-response-header-section-size(option<u32>), HTTP-response-header-size(field-size-payload), " +
    "HTTP-response-body-size(option<u64>), HTTP-response-trailer-section-size(option<u32>), " +
    "HTTP-response-trailer-size(field-size-payload), HTTP-response-transfer-coding(option<string>), " +
    "HTTP-response-content-coding(option<string>), HTTP-response-timeout, HTTP-upgrade-failed, HTTP-protocol-error, " +
    "loop-detected, configuration-error, internal-error(option<string>) }",
};

/** The functions of `fields` that are the same in every version. */
export const fieldsFunctions: Readonly<Record<string, string>> = {
  fields: "resource",
  "[constructor]fields": "()",
  "[static]fields.from-list": "(list<tuple<string, list<u8>>>) -> result<fields, header-error>",
  "[method]fields.get": "(string) -> list<list<u8>>",
  "[method]fields.has": "(string) -> bool",
  "[method]fields.set": "(string, list<list<u8>>) -> result<_, header-error>",
  "[method]fields.delete": "(string) -> result<_, header-error>",
  "[method]fields.append": "(string, list<u8>) -> result<_, header-error>",
  "[method]fields.clone": "() -> fields",
};
