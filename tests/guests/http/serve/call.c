#include "serve.h"

#include <string.h>

#include "arena.h"
#include "text.h"

#define PIECE 65536

static uint8_t piece_of_pattern[PIECE];

void wait(uint64_t duration) {
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(duration);
  poll_method_pollable_block(poll_borrow_pollable(timer));
  poll_pollable_drop_own(timer);
}

http_own_fields_t request_headers(struct call *call) {
  return http_method_incoming_request_headers(http_borrow_incoming_request(call->request));
}

struct response begin(struct call *call) { return begin_response(call->outparam, 200, http_constructor_fields()); }

bool write_text(struct response *response, const char *text) { return write_all(response->stream, text, strlen(text)); }

void cut_off(struct response *response) {
  streams_output_stream_drop_own(response->stream);
  http_outgoing_body_drop_own(response->body);
}

bool write_pattern(struct response *response, uint64_t length) {
  for (size_t i = 0; i < PIECE; i++) piece_of_pattern[i] = (uint8_t)i;
  for (; length > 0; length -= length < PIECE ? length : PIECE)
    if (!write_all(response->stream, piece_of_pattern, length < PIECE ? length : PIECE)) return false;
  return true;
}

void report(const char *what, uint8_t error) {
  struct text text = {0};
  put_string(&text, what);
  put_string(&text, ": ");
  if (error == HTTP_OK) put_string(&text, "ok");
  else put_number(&text, error);
  print_error_line(&text);
}

void copy_field(http_own_fields_t from, http_own_fields_t to, const char *name, const char *as) {
  http_field_name_t field = string_of(name), target = string_of(as);
  http_list_field_value_t values;
  arena_reset();
  http_method_fields_get(http_borrow_fields(from), &field, &values);
  for (size_t i = 0; i < values.len; i++) {
    http_header_error_t error;
    if (!http_method_fields_append(http_borrow_fields(to), &target, &values.ptr[i], &error)) __builtin_trap();
  }
}

struct response begin_length(struct call *call, uint64_t length) {
  struct text text = {0};
  put_number(&text, length);
  put_bytes(&text, "", 1);
  http_own_fields_t headers = http_constructor_fields();
  add_field(headers, "content-length", text.bytes);
  return begin_response(call->outparam, 200, headers);
}
