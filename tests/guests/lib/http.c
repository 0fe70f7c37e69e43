#include "http.h"

#include <string.h>

#include "arena.h"

guest_string_t string_of(const char *text) {
  return (guest_string_t){(uint8_t *)text, strlen(text)};
}

http_field_value_t value_of(const char *text) {
  return (http_field_value_t){(uint8_t *)text, strlen(text)};
}

void add_field(http_own_fields_t fields, const char *name, const char *value) {
  http_field_name_t field = string_of(name);
  http_field_value_t bytes = value_of(value);
  http_header_error_t error;
  if (!http_method_fields_append(http_borrow_fields(fields), &field, &bytes, &error)) __builtin_trap();
}

bool field_is(http_own_fields_t fields, const char *name, const char *value) {
  http_field_name_t field = string_of(name);
  http_list_field_value_t values;
  arena_reset();
  http_method_fields_get(http_borrow_fields(fields), &field, &values);
  return values.len == 1 && values.ptr[0].len == strlen(value) && memcmp(values.ptr[0].ptr, value, values.ptr[0].len) == 0;
}

static http_method_t method_of(const char *name) {
  static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  for (uint8_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i], name) == 0) return (http_method_t){.tag = i};
  return (http_method_t){.tag = HTTP_METHOD_OTHER, .val.other = string_of(name)};
}

http_own_outgoing_request_t new_request(const char *method, const char *authority, const char *path, http_own_fields_t headers) {
  http_own_outgoing_request_t request = http_constructor_outgoing_request(headers);
  http_borrow_outgoing_request_t self = http_borrow_outgoing_request(request);
  http_method_t verb = method_of(method);
  http_scheme_t scheme = {.tag = HTTP_SCHEME_HTTP};
  guest_string_t place = string_of(authority), where = string_of(path);
  bool valid = http_method_outgoing_request_set_method(self, &verb) &&
               http_method_outgoing_request_set_scheme(self, &scheme) &&
               http_method_outgoing_request_set_authority(self, &place) &&
               http_method_outgoing_request_set_path_with_query(self, &where);
  if (!valid) __builtin_trap();
  return request;
}

static http_own_request_options_t options_of(const struct timeouts *timeouts) {
  http_own_request_options_t options = http_constructor_request_options();
  http_borrow_request_options_t self = http_borrow_request_options(options);
  http_duration_t connect = timeouts->connect, first = timeouts->first_byte, between = timeouts->between_bytes;
  bool valid = (connect == 0 || http_method_request_options_set_connect_timeout(self, &connect)) &&
               (first == 0 || http_method_request_options_set_first_byte_timeout(self, &first)) &&
               (between == 0 || http_method_request_options_set_between_bytes_timeout(self, &between));
  if (!valid) __builtin_trap();
  return options;
}

uint8_t send_request(http_own_outgoing_request_t request, const struct timeouts *timeouts, http_own_future_incoming_response_t *future) {
  http_own_request_options_t options;
  if (timeouts != NULL) options = options_of(timeouts);
  http_error_code_t error;
  arena_reset();
  return outgoing_handler_handle(request, timeouts == NULL ? NULL : &options, future, &error) ? HTTP_OK : error.tag;
}

http_result_own_incoming_response_error_code_t await_answer(http_own_future_incoming_response_t future) {
  http_borrow_future_incoming_response_t self = http_borrow_future_incoming_response(future);
  http_result_result_own_incoming_response_error_code_void_t answer;
  poll_own_pollable_t pollable = http_method_future_incoming_response_subscribe(self);
  arena_reset();
  while (!http_method_future_incoming_response_get(self, &answer)) poll_method_pollable_block(poll_borrow_pollable(pollable));
  poll_pollable_drop_own(pollable);
  http_future_incoming_response_drop_own(future);
  if (answer.is_err) __builtin_trap();
  return answer.val.ok;
}

uint8_t await_response(http_own_future_incoming_response_t future, http_own_incoming_response_t *response) {
  http_result_own_incoming_response_error_code_t answer = await_answer(future);
  if (answer.is_err) return answer.val.err.tag;
  *response = answer.val.ok;
  return HTTP_OK;
}

uint8_t fetch(http_own_outgoing_request_t request, const struct timeouts *timeouts, http_own_incoming_response_t *response) {
  http_own_future_incoming_response_t future;
  uint8_t error = send_request(request, timeouts, &future);
  return error == HTTP_OK ? await_response(future, response) : error;
}

struct body open_body(http_own_incoming_response_t response) {
  struct body body;
  if (!http_method_incoming_response_consume(http_borrow_incoming_response(response), &body.body)) __builtin_trap();
  http_incoming_response_drop_own(response);
  if (!http_method_incoming_body_stream(http_borrow_incoming_body(body.body), &body.stream)) __builtin_trap();
  return body;
}

static uint8_t error_of(streams_stream_error_t *error) {
  if (error->tag == STREAMS_STREAM_ERROR_CLOSED) return HTTP_OK;
  http_error_code_t code;
  bool known = http_http_error_code(error_borrow_error(error->val.last_operation_failed), &code);
  error_error_drop_own(error->val.last_operation_failed);
  return known ? code.tag : HTTP_ERROR_CODE_INTERNAL_ERROR;
}

struct piece read_piece(struct body *body, uint64_t most) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  if (streams_method_input_stream_read(streams_borrow_input_stream(body->stream), most, &bytes, &error))
    return (struct piece){bytes.ptr, bytes.len, false, HTTP_OK};
  return (struct piece){NULL, 0, true, error_of(&error)};
}

struct piece await_piece(struct body *body, uint64_t most) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  if (streams_method_input_stream_blocking_read(streams_borrow_input_stream(body->stream), most, &bytes, &error))
    return (struct piece){bytes.ptr, bytes.len, false, HTTP_OK};
  return (struct piece){NULL, 0, true, error_of(&error)};
}

uint8_t read_all(struct body *body, uint64_t *length, uint64_t *sum) {
  *length = *sum = 0;
  for (;;) {
    struct piece piece = await_piece(body, 65536);
    if (piece.ended) return piece.error;
    *length += piece.length;
    for (size_t i = 0; i < piece.length; i++) *sum += piece.bytes[i];
  }
}

http_result_option_own_trailers_error_code_t await_trailers(http_own_future_trailers_t future) {
  http_borrow_future_trailers_t self = http_borrow_future_trailers(future);
  http_result_result_option_own_trailers_error_code_void_t answer;
  poll_own_pollable_t pollable = http_method_future_trailers_subscribe(self);
  arena_reset();
  while (!http_method_future_trailers_get(self, &answer)) poll_method_pollable_block(poll_borrow_pollable(pollable));
  poll_pollable_drop_own(pollable);
  http_future_trailers_drop_own(future);
  if (answer.is_err) __builtin_trap();
  return answer.val.ok;
}

uint8_t close_body(struct body *body, bool *has_trailers, http_own_fields_t *trailers) {
  streams_input_stream_drop_own(body->stream);
  http_result_option_own_trailers_error_code_t answer = await_trailers(http_static_incoming_body_finish(body->body));
  if (answer.is_err) return answer.val.err.tag;
  *has_trailers = answer.val.ok.is_some;
  if (*has_trailers) *trailers = answer.val.ok.val;
  return HTTP_OK;
}

void drop_body(struct body *body) {
  bool has_trailers = false;
  http_own_fields_t trailers;
  close_body(body, &has_trailers, &trailers);
  if (has_trailers) http_fields_drop_own(trailers);
}

bool body_is(http_own_incoming_response_t response, const char *expected) {
  struct body body = open_body(response);
  const char *rest = expected;
  bool same = true;
  for (;;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(body.stream), 65536, &bytes, &error)) {
      same = same && error_of(&error) == HTTP_OK && *rest == '\0';
      break;
    }
    same = same && strlen(rest) >= bytes.len && memcmp(rest, bytes.ptr, bytes.len) == 0;
    if (same) rest += bytes.len;
  }
  drop_body(&body);
  return same;
}

struct upload open_upload(http_own_outgoing_request_t request) {
  struct upload upload;
  if (!http_method_outgoing_request_body(http_borrow_outgoing_request(request), &upload.body)) __builtin_trap();
  if (!http_method_outgoing_body_write(http_borrow_outgoing_body(upload.body), &upload.stream)) __builtin_trap();
  return upload;
}

uint8_t finish_upload(struct upload *upload, http_own_fields_t *trailers) {
  streams_output_stream_drop_own(upload->stream);
  http_error_code_t error;
  return http_static_outgoing_body_finish(upload->body, trailers, &error) ? HTTP_OK : error.tag;
}
