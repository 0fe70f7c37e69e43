#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest.h"
#include "http.h"

// The answer of a guest that exports wasi:http/incoming-handler.

/// An answer under way: its head is the host's, its body is not finished.
struct response {
  http_own_outgoing_body_t body;
  streams_own_output_stream_t stream;
};

/// Sets the outparam to an answer with those headers, which are consumed, and opens its body. Traps when that is refused.
struct response begin_response(http_own_response_outparam_t outparam, uint16_t status, http_own_fields_t headers);

/// Writes as much as the stream permits at a time, and waits in between. No list of the host's that lies in the arena is lost.
/// False once the stream has failed or is closed.
bool write_all(streams_own_output_stream_t stream, const void *bytes, size_t length);

/// Waits until what was written has left.
bool flush_all(streams_own_output_stream_t stream);

/// Drops the stream and finishes the body. The error-code, or HTTP_OK.
uint8_t end_response(struct response *response, http_own_fields_t *trailers);

/// A whole answer of text/plain.
void respond_text(http_own_response_outparam_t outparam, uint16_t status, const char *text);

/// The body of a request, which stays. Traps when it was taken.
struct body open_request_body(http_own_incoming_request_t request);

/// Copies to the end of `from`. False once the output has failed or is closed; `error` is the error-code that the input ended
/// with, or HTTP_OK.
bool copy_body(struct body *from, streams_own_output_stream_t to, uint8_t *error);
