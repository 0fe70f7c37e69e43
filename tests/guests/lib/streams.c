#include "streams.h"

void drop_stream_error(streams_stream_error_t *error) {
  if (error->tag == STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED) error_error_drop_own(error->val.last_operation_failed);
}

bool write_flushed(streams_borrow_output_stream_t stream, const char *bytes, size_t length) {
  while (length > 0) {
    size_t piece = length < 4096 ? length : 4096;
    guest_list_u8_t contents = {(uint8_t *)bytes, piece};
    streams_stream_error_t error;
    if (!streams_method_output_stream_blocking_write_and_flush(stream, &contents, &error)) {
      drop_stream_error(&error);
      return false;
    }
    bytes += piece;
    length -= piece;
  }
  return true;
}
