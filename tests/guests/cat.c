// Copies stdin to stdout until stdin ends.
#include "arena.h"
#include "guest.h"
#include "streams.h"

bool exports_wasi_cli_run_run(void) {
  streams_borrow_input_stream_t input = streams_borrow_input_stream(stdin_get_stdin());
  streams_borrow_output_stream_t output = streams_borrow_output_stream(stdout_get_stdout());
  for (;;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(input, 65536, &bytes, &error)) {
      drop_stream_error(&error);
      return error.tag == STREAMS_STREAM_ERROR_CLOSED;
    }
    if (!write_flushed(output, (char *)bytes.ptr, bytes.len)) return false;
  }
}
