#include "response.h"

#include <string.h>

#include "arena.h"
#include "streams.h"

struct response begin_response(http_own_response_outparam_t outparam, uint16_t status, http_own_fields_t headers) {
  http_own_outgoing_response_t answer = http_constructor_outgoing_response(headers);
  struct response response;
  if (!http_method_outgoing_response_set_status_code(http_borrow_outgoing_response(answer), status)) __builtin_trap();
  if (!http_method_outgoing_response_body(http_borrow_outgoing_response(answer), &response.body)) __builtin_trap();
  http_result_own_outgoing_response_error_code_t result = {.is_err = false, .val.ok = answer};
  http_static_response_outparam_set(outparam, &result);
  if (!http_method_outgoing_body_write(http_borrow_outgoing_body(response.body), &response.stream)) __builtin_trap();
  return response;
}

static void await_stream(streams_borrow_output_stream_t stream) {
  poll_own_pollable_t room = streams_method_output_stream_subscribe(stream);
  poll_method_pollable_block(poll_borrow_pollable(room));
  poll_pollable_drop_own(room);
}

bool write_all(streams_own_output_stream_t stream, const void *bytes, size_t length) {
  streams_borrow_output_stream_t self = streams_borrow_output_stream(stream);
  const uint8_t *next = bytes;
  while (length > 0) {
    uint64_t permit;
    streams_stream_error_t error;
    if (!streams_method_output_stream_check_write(self, &permit, &error)) {
      drop_stream_error(&error);
      return false;
    }
    if (permit == 0) {
      await_stream(self);
      continue;
    }
    guest_list_u8_t piece = {(uint8_t *)next, permit < length ? permit : length};
    if (!streams_method_output_stream_write(self, &piece, &error)) {
      drop_stream_error(&error);
      return false;
    }
    next += piece.len;
    length -= piece.len;
  }
  return true;
}

bool flush_all(streams_own_output_stream_t stream) {
  streams_stream_error_t error;
  if (streams_method_output_stream_blocking_flush(streams_borrow_output_stream(stream), &error)) return true;
  drop_stream_error(&error);
  return false;
}

uint8_t end_response(struct response *response, http_own_fields_t *trailers) {
  streams_output_stream_drop_own(response->stream);
  http_error_code_t error;
  return http_static_outgoing_body_finish(response->body, trailers, &error) ? HTTP_OK : error.tag;
}

void respond_text(http_own_response_outparam_t outparam, uint16_t status, const char *text) {
  http_own_fields_t headers = http_constructor_fields();
  add_field(headers, "content-type", "text/plain");
  struct response response = begin_response(outparam, status, headers);
  write_all(response.stream, text, strlen(text));
  end_response(&response, NULL);
}

struct body open_request_body(http_own_incoming_request_t request) {
  struct body body;
  if (!http_method_incoming_request_consume(http_borrow_incoming_request(request), &body.body)) __builtin_trap();
  if (!http_method_incoming_body_stream(http_borrow_incoming_body(body.body), &body.stream)) __builtin_trap();
  return body;
}

bool copy_body(struct body *from, streams_own_output_stream_t to, uint8_t *error) {
  for (;;) {
    struct piece piece = await_piece(from, 65536);
    if (piece.ended) {
      *error = piece.error;
      return true;
    }
    if (!write_all(to, piece.bytes, piece.length)) return false;
  }
}
