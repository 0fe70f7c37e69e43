#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest.h"

// wasi:http over HTTP, with outcomes as values: an error-code by its tag, HTTP_OK where there is none.

#define HTTP_OK 255


guest_string_t string_of(const char *text);
http_field_value_t value_of(const char *text);

/// Adds a field; traps when it is refused.
void add_field(http_own_fields_t fields, const char *name, const char *value);

/// Whether the fields hold exactly that one value of that name.
bool field_is(http_own_fields_t fields, const char *name, const char *value);

/// `METHOD http://AUTHORITY/PATH` with those headers, which are consumed. Traps when it is refused.
http_own_outgoing_request_t new_request(const char *method, const char *authority, const char *path, http_own_fields_t headers);

struct timeouts {
  uint64_t connect, first_byte, between_bytes; // ns; 0: none set
};

/// `handle`: consumes the request. The future, or the error-code.
uint8_t send_request(http_own_outgoing_request_t request, const struct timeouts *timeouts, http_own_future_incoming_response_t *future);

/// Waits for the future's answer, which it can be asked for once, and drops it.
http_result_own_incoming_response_error_code_t await_answer(http_own_future_incoming_response_t future);

/// The same of trailers.
http_result_option_own_trailers_error_code_t await_trailers(http_own_future_trailers_t future);

/// Waits for the future and drops it. The response, or the error-code.
uint8_t await_response(http_own_future_incoming_response_t future, http_own_incoming_response_t *response);

/// All of `request`, which has no body, in one.
uint8_t fetch(http_own_outgoing_request_t request, const struct timeouts *timeouts, http_own_incoming_response_t *response);

struct body {
  http_own_incoming_body_t body;
  streams_own_input_stream_t stream;
};

/// The body of a response, which is dropped. Traps when it was taken.
struct body open_body(http_own_incoming_response_t response);

/// What one read brought: bytes, a number of them above 0; its end (HTTP_OK); an error-code.
struct piece {
  const uint8_t *bytes;
  size_t length;
  bool ended;
  uint8_t error;
};

/// One read without waiting; the bytes live until the arena's next reset, which comes with the next read.
struct piece read_piece(struct body *body, uint64_t most);

/// The same, but it waits for the first byte, the end or an error.
struct piece await_piece(struct body *body, uint64_t most);

/// Reads to the end with blocking reads, adding every byte into `sum`. The error-code, or HTTP_OK, and how many bytes.
uint8_t read_all(struct body *body, uint64_t *length, uint64_t *sum);

/// Drops the stream and finishes the body: its trailers, if it has any.
uint8_t close_body(struct body *body, bool *has_trailers, http_own_fields_t *trailers);

/// Drops the stream and finishes the body, whatever comes of it.
void drop_body(struct body *body);

/// Whether the response's whole body reads so; drops it.
bool body_is(http_own_incoming_response_t response, const char *expected);

struct upload {
  http_own_outgoing_body_t body;
  streams_own_output_stream_t stream;
};

struct upload open_upload(http_own_outgoing_request_t request);

/// Drops the stream and finishes the body. The error-code, or HTTP_OK.
uint8_t finish_upload(struct upload *upload, http_own_fields_t *trailers);
