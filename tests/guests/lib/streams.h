#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "guest.h"

/// blocking-write-and-flush in pieces of its limit, 4096 bytes; false once the stream failed or is closed.
bool write_flushed(streams_borrow_output_stream_t stream, const char *bytes, size_t length);

/// Drops the `error` resource inside a last-operation-failed: it is an own handle, and a server that forgets it leaks one a failure.
void drop_stream_error(streams_stream_error_t *error);
