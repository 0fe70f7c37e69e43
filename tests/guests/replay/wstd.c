// wstd: net/tcp_listener/sys/p2.rs, net/tcp_stream/sys/p2.rs, io/streams/sys/p2.rs and runtime/reactor.rs. One pollable for a
// listener's or a stream's whole life; ready() first, and only what is not ready goes into poll; a look without waiting is a
// poll with one zero timer that is made once and kept; shutdown(both) when a stream is dropped.
#include <string.h>

#include "arena.h"
#include "sockets.h"

// An AsyncPollable and whether somebody waits for it.
struct waitee {
  poll_own_pollable_t pollable;
  bool waiting;
};

// A TcpStream: the streams' subscriptions are made at the first wait.
struct tcp_stream {
  struct connection connection;
  struct waitee input, output;
};

static bool is_ready(struct waitee *waitee) {
  bool ready = poll_method_pollable_ready(poll_borrow_pollable(waitee->pollable));
  waitee->waiting = !ready;
  return ready;
}

// Reactor::check_pollables over all that wait; `zero` adds the pollable that is always ready.
static void check_pollables(struct waitee **waitees, size_t count, bool zero) {
  static poll_own_pollable_t always;
  if (always.__handle == 0) always = monotonic_clock_subscribe_duration(0);
  poll_borrow_pollable_t pollables[16];
  struct waitee *targets[16];
  size_t length = 0;
  for (size_t i = 0; i < count; i++) {
    if (!waitees[i]->waiting) continue;
    targets[length] = waitees[i];
    pollables[length++] = poll_borrow_pollable(waitees[i]->pollable);
  }
  if (length == 0) return;
  poll_list_borrow_pollable_t list = {pollables, length + zero};
  if (zero) pollables[length] = poll_borrow_pollable(always);
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&list, &ready);
  CHECK(ready.len > 0);
  for (size_t i = 0; i < ready.len; i++)
    if (ready.ptr[i] < length) targets[ready.ptr[i]]->waiting = false;
}

// block_on of one future, with a look at nothing else in between.
static void wait_for(struct waitee *waitee) {
  while (!is_ready(waitee)) check_pollables(&waitee, 1, false);
}

static void subscribe_input(struct tcp_stream *stream) {
  if (stream->input.pollable.__handle == 0)
    stream->input.pollable = streams_method_input_stream_subscribe(streams_borrow_input_stream(stream->connection.input));
}

static void subscribe_output(struct tcp_stream *stream) {
  if (stream->output.pollable.__handle == 0)
    stream->output.pollable = streams_method_output_stream_subscribe(streams_borrow_output_stream(stream->connection.output));
}

// AsyncRead::read: ready first, then read; an empty answer goes round again. 0: the end.
static size_t read_some(struct tcp_stream *stream, void *bytes, size_t length) {
  for (;;) {
    guest_list_u8_t read;
    streams_stream_error_t error;
    subscribe_input(stream);
    wait_for(&stream->input);
    arena_reset();
    if (!streams_method_input_stream_read(streams_borrow_input_stream(stream->connection.input), length, &read, &error)) {
      CHECK(error.tag == STREAMS_STREAM_ERROR_CLOSED);
      return 0;
    }
    if (read.len == 0) continue;
    memcpy(bytes, read.ptr, read.len);
    return read.len;
  }
}

// AsyncWrite::write: check-write first, the wait only at 0. 0: failed.
static size_t write_some(struct tcp_stream *stream, const void *bytes, size_t length) {
  streams_borrow_output_stream_t output = streams_borrow_output_stream(stream->connection.output);
  streams_stream_error_t error;
  uint64_t permit;
  for (int loops = 0;; loops++) {
    if (!streams_method_output_stream_check_write(output, &permit, &error)) return 0;
    if (permit > 0) break;
    CHECK(loops == 0); // "Next loop guaranteed to have nonzero check_write, or error."
    subscribe_output(stream);
    wait_for(&stream->output);
  }
  guest_list_u8_t contents = {(uint8_t *)bytes, permit < length ? (size_t)permit : length};
  return streams_method_output_stream_write(output, &contents, &error) ? contents.len : 0;
}

static bool flush(struct tcp_stream *stream) {
  streams_stream_error_t error;
  if (!streams_method_output_stream_flush(streams_borrow_output_stream(stream->connection.output), &error)) return false;
  subscribe_output(stream);
  wait_for(&stream->output);
  return true;
}

// Drop for TcpStream: shutdown, then the fields in their order.
static void drop_stream(struct tcp_stream *stream) {
  EXPECT(shut_down(stream->connection.socket, TCP_SHUTDOWN_TYPE_BOTH), OK);
  if (stream->input.pollable.__handle != 0) poll_pollable_drop_own(stream->input.pollable);
  if (stream->output.pollable.__handle != 0) poll_pollable_drop_own(stream->output.pollable);
  drop_connection(&stream->connection);
}

// TcpListener::bind: one pollable over bind, listen and every accept.
static tcp_own_tcp_socket_t bind_listener(network_ip_socket_address_t *address, struct waitee *waitee) {
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_bind(socket, *address), OK);
  waitee->pollable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket));
  wait_for(waitee);
  EXPECT(finish_bind(socket), OK);
  EXPECT(start_listen(socket), OK);
  wait_for(waitee);
  EXPECT(finish_listen(socket), OK);
  EXPECT(local_address(socket, address), OK);
  return socket;
}

// TcpStream::connect_addr: subscribed after start-connect, dropped with the function.
static uint8_t connect_addr(network_ip_socket_address_t address, struct tcp_stream *stream) {
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  *stream = (struct tcp_stream){0};
  EXPECT(start_connect(socket, address), OK);
  struct waitee waitee = {.pollable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket))};
  wait_for(&waitee);
  uint8_t outcome = finish_connect(socket, &stream->connection);
  poll_pollable_drop_own(waitee.pollable);
  if (outcome != NETWORK_ERROR_CODE_OK) drop_socket(socket);
  return outcome;
}

bool exports_wasi_cli_run_run(void) {
  network_ip_socket_address_t address = loopback(0);
  struct waitee listening = {0};
  tcp_own_tcp_socket_t listener = bind_listener(&address, &listening);
  struct tcp_stream client, server = {0};

  // Nobody is there: a look without waiting says so, again and again, beside a timer that is over for long.
  CHECK(!is_ready(&listening));
  struct waitee *waitees[] = {&listening};
  for (int i = 0; i < 3; i++) {
    check_pollables(waitees, 1, true);
    CHECK(listening.waiting);
  }

  EXPECT(connect_addr(address, &client), OK);
  wait_for(&listening);
  EXPECT(accept(listener, &server.connection), OK);

  char bytes[64];
  EXPECT_NUMBER(write_some(&client, "hello, ", 7), 7);
  CHECK(flush(&client));
  EXPECT_NUMBER(write_some(&client, "wstd", 4), 4);
  CHECK(flush(&client));
  size_t received = 0;
  while (received < 11) received += read_some(&server, bytes + received, sizeof bytes - received);
  CHECK(received == 11 && memcmp(bytes, "hello, wstd", 11) == 0);

  // A busy task beside a waiting one sees the socket in a look without waiting (a zero timer is in the list).
  subscribe_input(&server);
  CHECK(!is_ready(&server.input));
  EXPECT_NUMBER(write_some(&client, "!", 1), 1);
  struct waitee *both[] = {&listening, &server.input};
  CHECK(!is_ready(&listening));
  for (int i = 0; i < 100000 && server.input.waiting; i++) check_pollables(both, 2, true);
  CHECK(!server.input.waiting && listening.waiting);
  EXPECT_NUMBER(read_some(&server, bytes, sizeof bytes), 1);

  // io::copy of a stream into another: splice as far as both are ready.
  streams_stream_error_t error;
  uint64_t moved = 0;
  EXPECT_NUMBER(write_some(&client, "spliced", 7), 7);
  wait_for(&server.input);
  subscribe_output(&server);
  wait_for(&server.output);
  CHECK(streams_method_output_stream_splice(streams_borrow_output_stream(server.connection.output),
                                            streams_borrow_input_stream(server.connection.input), UINT64_MAX, &moved, &error));
  EXPECT_NUMBER(moved, 7);
  EXPECT_NUMBER(read_some(&client, bytes, sizeof bytes), 7);

  // WriteHalf dropped: shutdown(send). The other end reads to the end and still writes.
  EXPECT(shut_down(client.connection.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT_NUMBER(read_some(&server, bytes, sizeof bytes), 0);
  EXPECT_NUMBER(write_some(&client, "x", 1), 0);
  EXPECT_NUMBER(write_some(&server, "after the end", 13), 13);
  CHECK(flush(&server));
  EXPECT_NUMBER(read_some(&client, bytes, sizeof bytes), 13);
  drop_stream(&server);
  EXPECT_NUMBER(read_some(&client, bytes, sizeof bytes), 0);
  drop_stream(&client);
  poll_pollable_drop_own(listening.pollable);
  drop_socket(listener);
  EXPECT(connect_addr(address, &client), CONNECTION_REFUSED);
  return finish_checks();
}
