// What was written and is not out yet leaves while the guest makes calls that do not wait, whatever they are about.
#include "arena.h"
#include "sockets.h"
#include "streams.h"

static const uint64_t patience = 50000000000; // ns

// Writes until the host takes no more. Answers how many bytes it took.
static uint64_t fill(struct connection *connection) {
  static uint8_t block[65536];
  streams_borrow_output_stream_t output = streams_borrow_output_stream(connection->output);
  streams_stream_error_t error;
  uint64_t written = 0, permit;
  while (streams_method_output_stream_check_write(output, &permit, &error) && permit > 0) {
    guest_list_u8_t bytes = {block, permit};
    if (!CHECK(streams_method_output_stream_write(output, &bytes, &error))) break;
    written += permit;
  }
  return written;
}

// Reads until so many bytes have come, or the end, and never waits. Answers how many came.
static uint64_t read_busily(struct connection *connection, uint64_t length) {
  streams_borrow_input_stream_t input = streams_borrow_input_stream(connection->input);
  uint64_t received = 0, start = monotonic_clock_now();
  while (received < length && monotonic_clock_now() - start < patience) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_read(input, 65536, &bytes, &error)) break;
    received += bytes.len;
  }
  return received;
}

static void while_reading(void) {
  struct connection client, server;
  new_pair(&client, &server);
  uint64_t written = fill(&client);
  EXPECT_NUMBER(read_busily(&server, written), written);
  drop_connection(&client);
  drop_connection(&server);
}

static void before_the_end(void) {
  struct connection client, server;
  new_pair(&client, &server);
  uint64_t written = fill(&client);
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT_NUMBER(read_busily(&server, UINT64_MAX), written);
  drop_connection(&client);
  drop_connection(&server);
}

bool exports_wasi_cli_run_run(void) {
  while_reading();
  before_the_end();
  return finish_checks();
}
