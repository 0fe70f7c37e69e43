// Reading and writing TCP streams: permits, the end, skip, zeroes, splice, backpressure.
#include <string.h>

#include "arena.h"
#include "sockets.h"
#include "streams.h"

// Outcomes of stream calls beside a count: no count is that large.
static const uint64_t closed = UINT64_MAX, failed = UINT64_MAX - 1;

static uint64_t failure(streams_stream_error_t *error) {
  drop_stream_error(error);
  return error->tag == STREAMS_STREAM_ERROR_CLOSED ? closed : failed;
}

static guest_list_u8_t bytes; // what was read last

static uint64_t read(struct connection *from, uint64_t length) {
  streams_stream_error_t error;
  arena_reset();
  bool ok = streams_method_input_stream_read(streams_borrow_input_stream(from->input), length, &bytes, &error);
  return ok ? bytes.len : failure(&error);
}

static uint64_t blocking_read(struct connection *from, uint64_t length) {
  streams_stream_error_t error;
  arena_reset();
  bool ok = streams_method_input_stream_blocking_read(streams_borrow_input_stream(from->input), length, &bytes, &error);
  return ok ? bytes.len : failure(&error);
}

static uint64_t skip(struct connection *from, uint64_t length) {
  streams_stream_error_t error;
  uint64_t count;
  bool ok = streams_method_input_stream_skip(streams_borrow_input_stream(from->input), length, &count, &error);
  return ok ? count : failure(&error);
}

static uint64_t blocking_skip(struct connection *from, uint64_t length) {
  streams_stream_error_t error;
  uint64_t count;
  bool ok = streams_method_input_stream_blocking_skip(streams_borrow_input_stream(from->input), length, &count, &error);
  return ok ? count : failure(&error);
}

static uint64_t check_write(struct connection *to) {
  streams_stream_error_t error;
  uint64_t permit;
  bool ok = streams_method_output_stream_check_write(streams_borrow_output_stream(to->output), &permit, &error);
  return ok ? permit : failure(&error);
}

static uint64_t write(struct connection *to, const void *data, size_t length) {
  streams_stream_error_t error;
  guest_list_u8_t contents = {(uint8_t *)data, length};
  bool ok = streams_method_output_stream_write(streams_borrow_output_stream(to->output), &contents, &error);
  return ok ? length : failure(&error);
}

static uint64_t blocking_write(struct connection *to, const void *data, size_t length) {
  streams_stream_error_t error;
  guest_list_u8_t contents = {(uint8_t *)data, length};
  bool ok =
    streams_method_output_stream_blocking_write_and_flush(streams_borrow_output_stream(to->output), &contents, &error);
  return ok ? length : failure(&error);
}

static uint64_t flush(struct connection *to) {
  streams_stream_error_t error;
  return streams_method_output_stream_flush(streams_borrow_output_stream(to->output), &error) ? 0 : failure(&error);
}

static uint64_t blocking_flush(struct connection *to) {
  streams_stream_error_t error;
  bool ok = streams_method_output_stream_blocking_flush(streams_borrow_output_stream(to->output), &error);
  return ok ? 0 : failure(&error);
}

static uint64_t splice(struct connection *to, struct connection *from, uint64_t length, bool blocking) {
  streams_stream_error_t error;
  uint64_t count;
  streams_borrow_output_stream_t output = streams_borrow_output_stream(to->output);
  streams_borrow_input_stream_t input = streams_borrow_input_stream(from->input);
  bool ok = blocking ? streams_method_output_stream_blocking_splice(output, input, length, &count, &error)
                     : streams_method_output_stream_splice(output, input, length, &count, &error);
  return ok ? count : failure(&error);
}

// Reads until `length` bytes are there, in `buffer`.
static bool read_all(struct connection *from, uint8_t *buffer, size_t length) {
  while (length > 0) {
    uint64_t count = blocking_read(from, length);
    if (count == closed || count == failed) return false;
    memcpy(buffer, bytes.ptr, count);
    buffer += count;
    length -= count;
  }
  return true;
}

static void echo(void) {
  struct connection client, server;
  uint8_t buffer[16];
  new_pair(&client, &server);
  EXPECT_NUMBER(read(&server, 0), 0); // asks for nothing, touches nothing
  EXPECT_NUMBER(read(&server, 10), 0);
  EXPECT_NUMBER(skip(&server, 10), 0);
  EXPECT_NUMBER(check_write(&client), 65536);
  EXPECT_NUMBER(check_write(&client), 65536);
  EXPECT_NUMBER(write(&client, "hello", 5), 5);
  EXPECT_NUMBER(flush(&client), 0);
  EXPECT_NUMBER(blocking_flush(&client), 0);
  CHECK(read_all(&server, buffer, 5));
  CHECK(memcmp(buffer, "hello", 5) == 0);
  EXPECT_NUMBER(blocking_write(&server, "back", 4), 4);
  EXPECT_NUMBER(blocking_read(&client, 2), 2);
  CHECK(memcmp(bytes.ptr, "ba", 2) == 0);
  EXPECT_NUMBER(blocking_skip(&client, 100), 2);
  EXPECT_NUMBER(read(&client, 100), 0);
  drop_connection(&client);
  drop_connection(&server);
}

static void empty_writes(void) {
  struct connection client, server;
  new_pair(&client, &server);
  EXPECT_NUMBER(write(&client, "", 0), 0); // needs no permit
  EXPECT_NUMBER(check_write(&client), 65536);
  EXPECT_NUMBER(write(&client, "", 0), 0); // and takes none
  EXPECT_NUMBER(write(&client, "x", 1), 1);
  EXPECT_NUMBER(blocking_write(&client, "", 0), 0);
  EXPECT_NUMBER(blocking_read(&server, 10), 1);
  drop_connection(&client);
  drop_connection(&server);
}

static void zeroes(void) {
  struct connection client, server;
  streams_stream_error_t error;
  uint8_t buffer[4096], expected[4096] = {0};
  new_pair(&client, &server);
  streams_borrow_output_stream_t output = streams_borrow_output_stream(client.output);
  CHECK(check_write(&client) > 0);
  CHECK(streams_method_output_stream_write_zeroes(output, 10, &error));
  memset(buffer, 1, sizeof buffer);
  CHECK(read_all(&server, buffer, 10));
  CHECK(memcmp(buffer, expected, 10) == 0);
  CHECK(streams_method_output_stream_blocking_write_zeroes_and_flush(output, 4096, &error));
  memset(buffer, 1, sizeof buffer);
  CHECK(read_all(&server, buffer, 4096));
  CHECK(memcmp(buffer, expected, 4096) == 0);
  drop_connection(&client);
  drop_connection(&server);
}

static void the_end(void) {
  struct connection client, server;
  new_pair(&client, &server);
  EXPECT_NUMBER(blocking_write(&client, "last", 4), 4);
  drop_connection(&client);
  EXPECT_NUMBER(blocking_read(&server, 2), 2); // what came before the end is read before it
  EXPECT_NUMBER(blocking_read(&server, 100), 2);
  EXPECT_NUMBER(blocking_read(&server, 100), closed);
  EXPECT_NUMBER(read(&server, 100), closed);
  EXPECT_NUMBER(read(&server, 0), closed); // once seen, the end is told to any read
  EXPECT_NUMBER(skip(&server, 1), closed);
  EXPECT_NUMBER(blocking_skip(&server, 1), closed);
  drop_connection(&server);
}

static void both_directions_spliced(void) {
  struct connection client, server, target, sink;
  uint8_t buffer[8];
  new_pair(&client, &server);
  new_pair(&sink, &target);
  EXPECT_NUMBER(splice(&target, &server, 100, false), 0); // nothing to read
  EXPECT_NUMBER(blocking_write(&client, "abcdefgh", 8), 8);
  EXPECT_NUMBER(splice(&target, &server, 0, false), 0);
  EXPECT_NUMBER(splice(&target, &server, 3, true), 3);
  EXPECT_NUMBER(splice(&target, &server, 100, true), 5);
  CHECK(read_all(&sink, buffer, 8));
  CHECK(memcmp(buffer, "abcdefgh", 8) == 0);
  drop_connection(&client);
  EXPECT_NUMBER(splice(&target, &server, 100, true), closed);
  drop_connection(&server);
  drop_connection(&target);
  drop_connection(&sink);
}

// Splices that have nothing to move do not ask their source, not even whether it has ended; and what is closed is told first.
static void nothing_to_move(void) {
  struct connection client, server, ended, gone;
  static uint8_t block[65536];
  uint64_t permit, written = 0;
  new_pair(&client, &server);
  new_pair(&ended, &gone);
  EXPECT_NUMBER(splice(&client, &ended, 0, true), 0); // idle: it would wait for ever
  EXPECT_NUMBER(splice(&client, &ended, 0, false), 0);
  drop_connection(&gone);
  EXPECT_NUMBER(blocking_read(&ended, 1), closed);
  EXPECT_NUMBER(splice(&client, &ended, 0, false), 0);
  EXPECT_NUMBER(splice(&client, &ended, 0, true), 0);
  EXPECT_NUMBER(splice(&client, &ended, 5, false), closed);
  EXPECT_NUMBER(splice(&client, &ended, 5, true), closed);
  while ((permit = check_write(&client)) > 0) written += write(&client, block, permit);
  // Without a permit. The host may have got rid of some of it meanwhile.
  CHECK(splice(&client, &ended, 5, false) == 0 || check_write(&client) > 0);
  EXPECT(shut_down(server.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT_NUMBER(splice(&server, &ended, 0, false), closed);
  EXPECT_NUMBER(splice(&server, &ended, 0, true), closed);
  EXPECT_NUMBER(blocking_write(&server, "", 0), closed);
  streams_stream_error_t error;
  streams_borrow_output_stream_t output = streams_borrow_output_stream(server.output);
  if (CHECK(!streams_method_output_stream_blocking_write_zeroes_and_flush(output, 0, &error)))
    EXPECT_NUMBER(failure(&error), closed);
  while (written > 0) written -= blocking_skip(&server, written);
  drop_connection(&ended);
  drop_connection(&server);
  drop_connection(&client);
}

// A peer that does not read: in the end check-write gives nothing, its pollable is not ready, and everything that was permitted
// arrives once the peer reads.
static void backpressure(void) {
  struct connection client, server;
  static uint8_t block[65536];
  uint64_t written = 0, permit;
  new_pair(&client, &server);
  poll_own_pollable_t writable = streams_method_output_stream_subscribe(streams_borrow_output_stream(client.output));
  while ((permit = check_write(&client)) > 0 && written < 64 << 20) {
    if (!CHECK(permit <= 65536)) return;
    for (uint64_t i = 0; i < permit; i++) block[i] = (uint8_t)((written + i) % 251);
    if (!EXPECT_NUMBER(write(&client, block, permit), permit)) return;
    written += permit;
  }
  CHECK(written < 64 << 20);
  // As long as the host has not got rid of some of it.
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(writable)) || check_write(&client) > 0);
  uint64_t received = 0;
  while (received < written) {
    uint64_t count = blocking_read(&server, 100000);
    if (!CHECK(count > 0 && count <= 65536)) return;
    for (uint64_t i = 0; i < count; i++)
      if (bytes.ptr[i] != (uint8_t)((received + i) % 251)) {
        CHECK(false && "the bytes in their order");
        return;
      }
    received += count;
  }
  poll_method_pollable_block(poll_borrow_pollable(writable));
  EXPECT_NUMBER(check_write(&client), 65536);
  poll_pollable_drop_own(writable);
  EXPECT_NUMBER(read(&server, 1), 0);
  drop_connection(&client);
  drop_connection(&server);
}

bool exports_wasi_cli_run_run(void) {
  echo();
  empty_writes();
  zeroes();
  the_end();
  both_directions_spliced();
  nothing_to_move();
  backpressure();
  return finish_checks();
}
