// A client for the benchmark: load AUTHORITY small COUNT | load AUTHORITY down | load AUTHORITY up. Prints how long it took, us.
#include <string.h>

#include "arena.h"
#include "arguments.h"
#include "http.h"
#include "text.h"

#define LARGE (16 << 20)

static char authority[256];

static http_own_incoming_response_t ask(http_own_outgoing_request_t request) {
  http_own_incoming_response_t response;
  if (fetch(request, NULL, &response) != HTTP_OK) __builtin_trap();
  return response;
}

static void read_body(http_own_incoming_response_t response, uint64_t expected) {
  struct body body = open_body(response);
  uint64_t length = 0;
  for (;;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(body.stream), 65536, &bytes, &error)) {
      if (error.tag != STREAMS_STREAM_ERROR_CLOSED) __builtin_trap();
      break;
    }
    length += bytes.len;
  }
  drop_body(&body);
  if (length != expected) __builtin_trap();
}

static void up(void) {
  static uint8_t zeroes[65536];
  http_own_fields_t headers = http_constructor_fields();
  add_field(headers, "content-length", "16777216");
  http_own_outgoing_request_t request = new_request("POST", authority, "/sink", headers);
  struct upload upload = open_upload(request);
  http_own_future_incoming_response_t future;
  if (send_request(request, NULL, &future) != HTTP_OK) __builtin_trap();
  streams_borrow_output_stream_t stream = streams_borrow_output_stream(upload.stream);
  poll_own_pollable_t room = streams_method_output_stream_subscribe(stream);
  for (uint64_t left = LARGE; left > 0;) {
    uint64_t permit;
    streams_stream_error_t error;
    poll_method_pollable_block(poll_borrow_pollable(room));
    if (!streams_method_output_stream_check_write(stream, &permit, &error)) __builtin_trap();
    uint64_t size = permit < left ? permit : left;
    guest_list_u8_t bytes = {zeroes, size < sizeof zeroes ? size : sizeof zeroes};
    if (bytes.len > 0 && !streams_method_output_stream_write(stream, &bytes, &error)) __builtin_trap();
    left -= bytes.len;
  }
  poll_pollable_drop_own(room);
  if (finish_upload(&upload, NULL) != HTTP_OK) __builtin_trap();
  http_own_incoming_response_t response;
  if (await_response(future, &response) != HTTP_OK) __builtin_trap();
  read_body(response, 8);
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t argv = arguments();
  if (argv.len < 3 || argv.ptr[1].len >= sizeof authority) return false;
  memcpy(authority, argv.ptr[1].ptr, argv.ptr[1].len);
  uint64_t started = monotonic_clock_now();
  if (argument_is(2, "up")) up();
  else if (argument_is(2, "down")) read_body(ask(new_request("GET", authority, "/large", http_constructor_fields())), LARGE);
  else
    for (uint64_t left = argument_number(3, 1); left > 0; left--)
      read_body(ask(new_request("GET", authority, "/", http_constructor_fields())), 13);
  struct text line = {0};
  put_string(&line, "took ");
  put_number(&line, (monotonic_clock_now() - started) / 1000);
  return print_line(&line);
}
