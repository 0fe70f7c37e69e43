// Bodies, both ways.
#include "serve.h"

#include <string.h>

#include "arena.h"
#include "streams.h"
#include "text.h"

void answer_hello(struct call *call) { respond_text(call->outparam, 200, "Hello, World!\n"); }

// The body comes back while it is still being sent, with its content-type and its trailers; `x-announce` is their `trailer`.
void answer_echo(struct call *call) {
  http_own_fields_t seen = request_headers(call), headers = http_constructor_fields();
  copy_field(seen, headers, "content-type", "content-type");
  copy_field(seen, headers, "x-announce", "trailer");
  http_fields_drop_own(seen);
  struct body body = open_request_body(call->request);
  struct response response = begin_response(call->outparam, 200, headers);
  uint8_t error;
  if (!copy_body(&body, response.stream, &error)) {
    print_error("echo: client gone");
    drop_body(&body);
    cut_off(&response);
    return;
  }
  bool has_trailers = false;
  http_own_fields_t trailers;
  if (error == HTTP_OK) error = close_body(&body, &has_trailers, &trailers);
  else drop_body(&body);
  if (error != HTTP_OK) {
    report("echo", error);
    cut_off(&response);
    return;
  }
  end_response(&response, has_trailers ? &trailers : NULL);
}

void answer_length(struct call *call) {
  struct response response = begin_length(call, call->numbers[0]);
  write_pattern(&response, call->numbers[0]);
  end_response(&response, NULL);
}

void answer_too_short(struct call *call) {
  struct response response = begin_length(call, 10);
  write_text(&response, "abc");
  report("short", end_response(&response, NULL));
}

void answer_too_long(struct call *call) {
  struct response response = begin_length(call, 3);
  bool written = write_all(response.stream, "abcdefghij", 10);
  print_error(written ? "long: written" : "long: write refused");
  report("long", end_response(&response, NULL));
}

void answer_chunks(struct call *call) {
  struct response response = begin(call);
  for (uint64_t left = call->numbers[0]; left > 0; left--)
    if (!write_pattern(&response, call->numbers[1]) || !flush_all(response.stream)) break;
  end_response(&response, NULL);
}

// /slow-body/N/MS: the head at once, then N lines, with so much time before each.
void answer_slow_body(struct call *call) {
  struct response response = begin(call);
  for (uint64_t left = call->numbers[0]; left > 0; left--) {
    wait(call->numbers[1] * millisecond);
    write_text(&response, "line\n");
    if (!flush_all(response.stream)) break;
  }
  end_response(&response, NULL);
}

// Drops its body without a finish.
void answer_cut_body(struct call *call) {
  struct response response = begin(call);
  write_text(&response, "unfinished\n");
  flush_all(response.stream);
  cut_off(&response);
}

// Does not even take its body.
void answer_no_body(struct call *call) {
  http_result_own_outgoing_response_error_code_t result = {.is_err = false};
  result.val.ok = http_constructor_outgoing_response(http_constructor_fields());
  http_static_response_outparam_set(call->outparam, &result);
}

// Answers without a look at the request's body.
void answer_ignore_body(struct call *call) { respond_text(call->outparam, 200, "ignored\n"); }

// Reads the whole body and says how long it was; if it ends with an error, which one.
void answer_upload(struct call *call) {
  struct body body = open_request_body(call->request);
  uint64_t size, sum;
  uint8_t error = read_all(&body, &size, &sum);
  drop_body(&body);
  if (error != HTTP_OK) report("upload", error);
  struct text text = {0};
  put_number(&text, size);
  put_string(&text, " bytes, sum ");
  put_number(&text, sum);
  put_string(&text, error == HTTP_OK ? "" : ", then an error");
  put_bytes(&text, "\n", 2);
  respond_text(call->outparam, 200, text.bytes);
}

// /read/N: reads N bytes of the body, answers, and leaves the rest.
void answer_read_some(struct call *call) {
  struct body body = open_request_body(call->request);
  for (uint64_t left = call->numbers[0]; left > 0;) {
    struct piece piece = await_piece(&body, left);
    if (piece.ended) break;
    left -= piece.length;
  }
  drop_body(&body);
  respond_text(call->outparam, 200, "read\n");
}

// Writes until nobody listens any more, and says so.
void answer_until_gone(struct call *call) {
  struct response response = begin(call);
  while (write_pattern(&response, 65536)) {
  }
  cut_off(&response);
  print_error("until-gone: client gone");
}

// Middleware: the request goes on to `x-to: AUTHORITY`, and its answer comes back, both piece by piece.
void answer_forward(struct call *call) {
  http_own_fields_t seen = request_headers(call), headers = http_constructor_fields();
  http_field_name_t to = string_of("x-to");
  http_list_field_value_t values;
  arena_reset();
  http_method_fields_get(http_borrow_fields(seen), &to, &values);
  char authority[256] = "";
  if (values.len != 1 || values.ptr[0].len >= sizeof authority) __builtin_trap();
  memcpy(authority, values.ptr[0].ptr, values.ptr[0].len);
  copy_field(seen, headers, "content-type", "content-type");
  http_fields_drop_own(seen);
  arena_reset();
  http_method_t method;
  http_method_incoming_request_method(http_borrow_incoming_request(call->request), &method);
  http_own_outgoing_request_t request = new_request(method.tag == HTTP_METHOD_POST ? "POST" : "GET", authority, "/forwarded", headers);
  struct upload upload;
  if (method.tag == HTTP_METHOD_POST) upload = open_upload(request);
  http_own_future_incoming_response_t future;
  uint8_t error = send_request(request, NULL, &future);
  if (error == HTTP_OK && method.tag == HTTP_METHOD_POST) {
    struct body body = open_request_body(call->request);
    copy_body(&body, upload.stream, &error);
    drop_body(&body);
    finish_upload(&upload, NULL);
  }
  http_own_incoming_response_t answer;
  if (error == HTTP_OK) error = await_response(future, &answer);
  if (error != HTTP_OK) {
    report("forward", error);
    respond_text(call->outparam, 502, "no answer\n");
    return;
  }
  http_own_fields_t theirs = http_method_incoming_response_headers(http_borrow_incoming_response(answer));
  http_own_fields_t ours = http_constructor_fields();
  copy_field(theirs, ours, "content-type", "content-type");
  http_fields_drop_own(theirs);
  uint16_t status_code = http_method_incoming_response_status(http_borrow_incoming_response(answer));
  struct response response = begin_response(call->outparam, status_code, ours);
  struct body body = open_body(answer);
  copy_body(&body, response.stream, &error);
  drop_body(&body);
  end_response(&response, NULL);
}
