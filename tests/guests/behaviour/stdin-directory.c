// stdin is a directory: reading it fails, and the error tells wasi:filesystem's code.
#include "check.h"
#include "guest.h"

bool exports_wasi_cli_run_run(void) {
  streams_own_input_stream_t own = stdin_get_stdin();
  streams_borrow_input_stream_t input = streams_borrow_input_stream(own);
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  CHECK(!streams_method_input_stream_blocking_read(input, 10, &bytes, &error));
  if (CHECK(error.tag == STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED)) {
    files_error_code_t code;
    CHECK(files_filesystem_error_code(error_borrow_error(error.val.last_operation_failed), &code) &&
          code == FILES_ERROR_CODE_IS_DIRECTORY);
    error_error_drop_own(error.val.last_operation_failed);
  }
  CHECK(!streams_method_input_stream_blocking_read(input, 10, &bytes, &error) && error.tag == STREAMS_STREAM_ERROR_CLOSED);
  streams_input_stream_drop_own(own);
  return finish_checks();
}
