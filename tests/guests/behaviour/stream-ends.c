// Streams that fail: the operation that met the failure tells it, and whatever comes after finds the stream closed. And what is
// not open for it is not written to or read from, not even by nothing.
//
//   stream-ends files     given a directory with a `file` in it, then /dev
//   stream-ends stderr    with a stderr that has no room
#include "arena.h"
#include "arguments.h"
#include "check.h"
#include "files.h"
#include "streams.h"

static streams_stream_error_t error;

/// What a call on a stream answers here: FILES_OK, `closed`, or the code of the failed operation.
static const uint64_t closed = 256, no_code = 257;

static uint64_t outcome(bool ok) {
  if (ok) return FILES_OK;
  if (error.tag == STREAMS_STREAM_ERROR_CLOSED) return closed;
  files_error_code_t code;
  bool known = files_filesystem_error_code(error_borrow_error(error.val.last_operation_failed), &code);
  drop_stream_error(&error);
  return known ? code : no_code;
}

typedef streams_borrow_output_stream_t output_t;
typedef streams_borrow_input_stream_t input_t;

static uint64_t write(output_t stream, size_t length) {
  guest_list_u8_t bytes = {(uint8_t *)"x", length};
  return outcome(streams_method_output_stream_blocking_write_and_flush(stream, &bytes, &error));
}

static uint64_t write_zeroes(output_t stream, size_t length) {
  return outcome(streams_method_output_stream_blocking_write_zeroes_and_flush(stream, length, &error));
}

static uint64_t read(input_t stream, uint64_t length) {
  guest_list_u8_t bytes;
  arena_reset();
  return outcome(streams_method_input_stream_blocking_read(stream, length, &bytes, &error));
}

static uint64_t skip(input_t stream, uint64_t length) {
  uint64_t count;
  return outcome(streams_method_input_stream_blocking_skip(stream, length, &count, &error));
}

static void closed_for_writing(output_t stream) {
  guest_list_u8_t nothing = {(uint8_t *)"", 0}, one = {(uint8_t *)"x", 1};
  uint64_t permit;
  for (int round = 0; round < 2; round++) {
    EXPECT_NUMBER(outcome(streams_method_output_stream_check_write(stream, &permit, &error)), closed);
    EXPECT_NUMBER(outcome(streams_method_output_stream_flush(stream, &error)), closed);
    EXPECT_NUMBER(outcome(streams_method_output_stream_blocking_flush(stream, &error)), closed);
    EXPECT_NUMBER(outcome(streams_method_output_stream_write(stream, &nothing, &error)), closed);
    EXPECT_NUMBER(outcome(streams_method_output_stream_write(stream, &one, &error)), closed);
    EXPECT_NUMBER(outcome(streams_method_output_stream_write_zeroes(stream, 1, &error)), closed);
    EXPECT_NUMBER(write(stream, 0), closed);
    EXPECT_NUMBER(write(stream, 1), closed);
    EXPECT_NUMBER(write_zeroes(stream, 1), closed);
  }
  poll_own_pollable_t pollable = streams_method_output_stream_subscribe(stream);
  poll_method_pollable_block(poll_borrow_pollable(pollable));
  poll_pollable_drop_own(pollable);
}

static void closed_for_reading(input_t stream) {
  guest_list_u8_t bytes;
  for (int round = 0; round < 2; round++) {
    EXPECT_NUMBER(outcome(streams_method_input_stream_read(stream, 1, &bytes, &error)), closed);
    EXPECT_NUMBER(outcome(streams_method_input_stream_read(stream, 0, &bytes, &error)), closed);
    EXPECT_NUMBER(read(stream, 1), closed);
    EXPECT_NUMBER(read(stream, 0), closed);
    EXPECT_NUMBER(skip(stream, 1), closed);
  }
}

static files_own_descriptor_t open(size_t directory, const char *path, uint8_t flags) {
  files_own_descriptor_t file;
  FILES_SUCCEED(open_at(preopen(directory), FOLLOW, path, 0, flags, &file));
  return file;
}

/// A fresh stream at the start of the file, or at its end.
static streams_own_output_stream_t output(descriptor_t file, bool append) {
  streams_own_output_stream_t stream;
  files_error_code_t code;
  CHECK(append ? files_method_descriptor_append_via_stream(file, &stream, &code)
               : files_method_descriptor_write_via_stream(file, 0, &stream, &code));
  return stream;
}

static streams_own_input_stream_t input(descriptor_t file) {
  streams_own_input_stream_t stream;
  files_error_code_t code;
  CHECK(files_method_descriptor_read_via_stream(file, 0, &stream, &code));
  return stream;
}

/// Writing fails with the code, also where it is nothing that is to be written if `even_nothing`.
static void fails_once(descriptor_t file, files_error_code_t code, bool even_nothing) {
  for (int append = 0; append < 2; append++) {
    for (size_t length = even_nothing ? 0 : 1; length < 2; length++) {
      streams_own_output_stream_t own = output(file, append);
      EXPECT_NUMBER(write(streams_borrow_output_stream(own), length), code);
      closed_for_writing(streams_borrow_output_stream(own));
      streams_output_stream_drop_own(own);
      own = output(file, append);
      EXPECT_NUMBER(write_zeroes(streams_borrow_output_stream(own), length), code);
      closed_for_writing(streams_borrow_output_stream(own));
      streams_output_stream_drop_own(own);
    }
  }
}

static void files(void) {
  files_own_descriptor_t reading = open(0, "file", READ), writing = open(0, "file", WRITE), full = open(1, "full", WRITE);
  descriptor_t r = files_borrow_descriptor(reading), w = files_borrow_descriptor(writing);
  fails_once(r, FILES_ERROR_CODE_BAD_DESCRIPTOR, true);
  fails_once(files_borrow_descriptor(full), FILES_ERROR_CODE_INSUFFICIENT_SPACE, false);
  for (uint64_t length = 0; length < 2; length++) {
    streams_own_input_stream_t own = input(w);
    EXPECT_NUMBER(read(streams_borrow_input_stream(own), length), FILES_ERROR_CODE_BAD_DESCRIPTOR);
    closed_for_reading(streams_borrow_input_stream(own));
    streams_input_stream_drop_own(own);
    own = input(w);
    EXPECT_NUMBER(skip(streams_borrow_input_stream(own), length), FILES_ERROR_CODE_BAD_DESCRIPTOR);
    closed_for_reading(streams_borrow_input_stream(own));
    streams_input_stream_drop_own(own);
  }

  // Between two streams it is the one that fails which is closed.
  uint64_t count;
  streams_own_output_stream_t to = output(w, false);
  streams_own_input_stream_t from = input(w);
  EXPECT_NUMBER(outcome(streams_method_output_stream_blocking_splice(
                    streams_borrow_output_stream(to), streams_borrow_input_stream(from), 1, &count, &error)),
                FILES_ERROR_CODE_BAD_DESCRIPTOR);
  closed_for_reading(streams_borrow_input_stream(from));
  EXPECT_NUMBER(write(streams_borrow_output_stream(to), 1), FILES_OK);
  streams_input_stream_drop_own(from);
  streams_output_stream_drop_own(to);
  to = output(r, false);
  from = input(r);
  EXPECT_NUMBER(outcome(streams_method_output_stream_blocking_splice(
                    streams_borrow_output_stream(to), streams_borrow_input_stream(from), 1, &count, &error)),
                FILES_ERROR_CODE_BAD_DESCRIPTOR);
  closed_for_writing(streams_borrow_output_stream(to));
  EXPECT_NUMBER(read(streams_borrow_input_stream(from), 1), FILES_OK);
  streams_input_stream_drop_own(from);
  streams_output_stream_drop_own(to);

  // What is open for it takes nothing, and has nothing.
  to = output(w, false);
  EXPECT_NUMBER(write(streams_borrow_output_stream(to), 0), FILES_OK);
  EXPECT_NUMBER(write_zeroes(streams_borrow_output_stream(to), 0), FILES_OK);
  EXPECT_NUMBER(write(streams_borrow_output_stream(to), 1), FILES_OK);
  streams_output_stream_drop_own(to);

  // Without a stream.
  guest_tuple2_list_u8_bool_t bytes;
  files_error_code_t code;
  FILES_EXPECT(write_at(r, 0, ""), BAD_DESCRIPTOR);
  FILES_SUCCEED(write_at(w, 0, ""));
  FILES_EXPECT(write_at(preopen(0), 0, ""), BAD_DESCRIPTOR);
  CHECK(files_method_descriptor_read(r, 0, 0, &bytes, &code));
  CHECK(!files_method_descriptor_read(w, 0, 0, &bytes, &code) && code == FILES_ERROR_CODE_BAD_DESCRIPTOR);
  CHECK(!files_method_descriptor_read(preopen(0), 0, 0, &bytes, &code) && code == FILES_ERROR_CODE_BAD_DESCRIPTOR);
  files_descriptor_drop_own(reading);
  files_descriptor_drop_own(writing);
  files_descriptor_drop_own(full);
}

/// Each handle has its own end.
static void standard_error(void) {
  for (int handle = 0; handle < 2; handle++) {
    streams_own_output_stream_t own = stderr_get_stderr();
    EXPECT_NUMBER(write(streams_borrow_output_stream(own), 0), FILES_OK);
    EXPECT_NUMBER(write(streams_borrow_output_stream(own), 1), FILES_ERROR_CODE_INSUFFICIENT_SPACE);
    closed_for_writing(streams_borrow_output_stream(own));
    streams_output_stream_drop_own(own);
  }
}

bool exports_wasi_cli_run_run(void) {
  if (argument_is(1, "files")) files();
  else standard_error();
  return finish_checks();
}
