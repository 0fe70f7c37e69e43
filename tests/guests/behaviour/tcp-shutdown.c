// shutdown in each direction, half-open connections, and what a drop does not lose.
#include <string.h>

#include "arena.h"
#include "sockets.h"
#include "streams.h"

static bool is_closed(streams_stream_error_t *error) {
  drop_stream_error(error);
  return error->tag == STREAMS_STREAM_ERROR_CLOSED;
}

static bool write_all(struct connection *to, const char *string) {
  return write_flushed(streams_borrow_output_stream(to->output), string, strlen(string));
}

// Everything up to the end is `expected`, and then the stream is closed.
static bool reads_to_end(struct connection *from, const char *expected) {
  size_t length = strlen(expected), count = 0;
  for (;;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(from->input), 100, &bytes, &error))
      return is_closed(&error) && count == length;
    if (bytes.len > length - count || memcmp(bytes.ptr, expected + count, bytes.len) != 0) return false;
    count += bytes.len;
  }
}

static bool reads_closed(struct connection *from) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  return !streams_method_input_stream_read(streams_borrow_input_stream(from->input), 1, &bytes, &error) && is_closed(&error);
}

static bool writes_closed(struct connection *to) {
  streams_stream_error_t error;
  uint64_t permit;
  return !streams_method_output_stream_check_write(streams_borrow_output_stream(to->output), &permit, &error) &&
         is_closed(&error);
}

static void send_side(void) {
  struct connection client, server;
  streams_stream_error_t error;
  new_pair(&client, &server);
  CHECK(write_all(&client, "request"));
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND), OK); // as often as one likes
  CHECK(writes_closed(&client));
  guest_list_u8_t one = {(uint8_t *)"x", 1};
  CHECK(!streams_method_output_stream_write(streams_borrow_output_stream(client.output), &one, &error) && is_closed(&error));
  CHECK(!streams_method_output_stream_flush(streams_borrow_output_stream(client.output), &error) && is_closed(&error));
  CHECK(reads_to_end(&server, "request"));
  // The other direction is open.
  CHECK(write_all(&server, "answer"));
  EXPECT(shut_down(server.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  CHECK(reads_to_end(&client, "answer"));
  drop_connection(&client);
  drop_connection(&server);
}

static void receive_side(void) {
  struct connection client, server;
  new_pair(&client, &server);
  CHECK(write_all(&client, "unread"));
  poll_own_pollable_t readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(server.input));
  poll_method_pollable_block(poll_borrow_pollable(readable));
  EXPECT(shut_down(server.socket, TCP_SHUTDOWN_TYPE_RECEIVE), OK);
  CHECK(reads_closed(&server)); // although there was data
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(readable)));
  poll_pollable_drop_own(readable);
  CHECK(write_all(&server, "sent"));
  EXPECT(shut_down(server.socket, TCP_SHUTDOWN_TYPE_BOTH), OK);
  CHECK(reads_to_end(&client, "sent"));
  drop_connection(&client);
  drop_connection(&server);
}

static void both_sides(void) {
  struct connection client, server;
  network_ip_socket_address_t address;
  new_pair(&client, &server);
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_BOTH), OK);
  CHECK(reads_closed(&client));
  CHECK(writes_closed(&client));
  CHECK(reads_to_end(&server, ""));
  EXPECT(local_address(client.socket, &address), OK); // still connected, as far as the state goes
  drop_connection(&client);
  drop_connection(&server);
}

static void after_the_streams(void) {
  struct connection client, server;
  new_pair(&client, &server);
  streams_input_stream_drop_own(client.input);
  streams_output_stream_drop_own(client.output);
  // Dropping the output stream sent no FIN: shutdown does.
  poll_own_pollable_t readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(server.input));
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(readable)));
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  poll_method_pollable_block(poll_borrow_pollable(readable));
  poll_pollable_drop_own(readable);
  CHECK(reads_to_end(&server, ""));
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_RECEIVE), OK);
  drop_socket(client.socket);
  drop_connection(&server);
}

// More than the kernel takes is written before the sending side ends: all of it arrives, then the end.
static void pending_write(void) {
  struct connection client, server;
  streams_stream_error_t error;
  static uint8_t block[65536];
  uint64_t written = 0, received = 0, permit;
  new_pair(&client, &server);
  streams_borrow_output_stream_t output = streams_borrow_output_stream(client.output);
  while (streams_method_output_stream_check_write(output, &permit, &error) && permit > 0 && written < 64 << 20) {
    guest_list_u8_t contents = {block, permit};
    CHECK(streams_method_output_stream_write(output, &contents, &error));
    written += permit;
  }
  EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  for (;;) {
    guest_list_u8_t bytes;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(server.input), 65536, &bytes, &error)) break;
    received += bytes.len;
  }
  CHECK(is_closed(&error));
  EXPECT_NUMBER(received, written);
  CHECK(writes_closed(&client));
  drop_connection(&client);
  drop_connection(&server);
}

static void dropped_at_once(void) {
  struct connection client, server;
  new_pair(&client, &server);
  CHECK(write_all(&client, "the last words"));
  drop_connection(&client);
  CHECK(reads_to_end(&server, "the last words"));
  drop_connection(&server);
}

bool exports_wasi_cli_run_run(void) {
  send_side();
  receive_side();
  both_sides();
  after_the_streams();
  pending_write();
  dropped_at_once();
  return finish_checks();
}
