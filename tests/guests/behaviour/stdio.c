// stdin that holds `0123456789` and ends; stdout and stderr that always take everything.
#include <string.h>

#include "arena.h"
#include "check.h"
#include "guest.h"
#include "streams.h"

static void output(streams_own_output_stream_t own) {
  streams_borrow_output_stream_t stream = streams_borrow_output_stream(own);
  streams_stream_error_t error;
  uint64_t permit = 0;
  guest_list_u8_t nothing = {(uint8_t *)"", 0};
  CHECK(streams_method_output_stream_check_write(stream, &permit, &error));
  CHECK(permit >= 65536);
  CHECK(streams_method_output_stream_write(stream, &nothing, &error));
  CHECK(streams_method_output_stream_blocking_write_and_flush(stream, &nothing, &error));
  CHECK(streams_method_output_stream_flush(stream, &error));
  CHECK(streams_method_output_stream_blocking_flush(stream, &error));
  poll_own_pollable_t pollable = streams_method_output_stream_subscribe(stream);
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(pollable)));
  poll_pollable_drop_own(pollable);
  streams_output_stream_drop_own(own);
}

static guest_list_u8_t read(streams_own_input_stream_t own, uint64_t length, bool *closed) {
  guest_list_u8_t bytes = {0};
  streams_stream_error_t error;
  arena_reset();
  *closed = !streams_method_input_stream_blocking_read(streams_borrow_input_stream(own), length, &bytes, &error) &&
            error.tag == STREAMS_STREAM_ERROR_CLOSED;
  return bytes;
}

static void input(void) {
  streams_own_input_stream_t first = stdin_get_stdin(), second = stdin_get_stdin();
  streams_stream_error_t error;
  guest_list_u8_t bytes;
  bool closed;
  CHECK(streams_method_input_stream_read(streams_borrow_input_stream(first), 0, &bytes, &error));
  EXPECT_NUMBER(bytes.len, 0);
  bytes = read(first, 4, &closed);
  CHECK(bytes.len == 4 && memcmp(bytes.ptr, "0123", 4) == 0);
  bytes = read(second, 2, &closed); // one stdin behind both handles
  CHECK(bytes.len == 2 && memcmp(bytes.ptr, "45", 2) == 0);
  poll_own_pollable_t pollable = streams_method_input_stream_subscribe(streams_borrow_input_stream(first));
  poll_method_pollable_block(poll_borrow_pollable(pollable));
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(pollable)));
  bytes = read(first, 100, &closed);
  CHECK(bytes.len == 4 && memcmp(bytes.ptr, "6789", 4) == 0);
  bytes = read(first, 100, &closed);
  CHECK(closed && bytes.len == 0);
  bytes = read(second, 100, &closed);
  CHECK(closed && bytes.len == 0);
  poll_method_pollable_block(poll_borrow_pollable(pollable)); // the end is ready
  poll_pollable_drop_own(pollable);
  // Asks for nothing, so it gets that, even now.
  CHECK(streams_method_input_stream_read(streams_borrow_input_stream(first), 0, &bytes, &error));
  streams_input_stream_drop_own(first);
  streams_input_stream_drop_own(second);
}

bool exports_wasi_cli_run_run(void) {
  output(stdout_get_stdout());
  output(stderr_get_stderr());
  input();
  return finish_checks();
}
