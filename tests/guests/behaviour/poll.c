// wasi:io/poll over sockets, streams and timers: what is ready is told, all of it, and nothing else.
#include <stdlib.h>

#include "arena.h"
#include "sockets.h"
#include "streams.h"

static const uint64_t millisecond = 1000000;

#define MOST 4096
static poll_own_pollable_t pollables[MOST];

// Polls the first `length` of `pollables`; answers a set of the ready indices (bit i: index i), and checks each is told once.
static uint64_t poll_first(size_t length) {
  static poll_borrow_pollable_t list[MOST];
  for (size_t i = 0; i < length; i++) list[i] = poll_borrow_pollable(pollables[i]);
  poll_list_borrow_pollable_t all = {list, length};
  guest_list_u32_t answer;
  arena_reset();
  poll_poll(&all, &answer);
  uint64_t set = 0;
  CHECK(answer.len > 0 && answer.len <= length);
  for (size_t i = 0; i < answer.len; i++) {
    CHECK(answer.ptr[i] < length);
    CHECK((set >> answer.ptr[i] & 1) == 0);
    set |= (uint64_t)1 << answer.ptr[i];
  }
  return set;
}

static poll_own_pollable_t readable(struct connection *connection) {
  return streams_method_input_stream_subscribe(streams_borrow_input_stream(connection->input));
}

static poll_own_pollable_t writable(struct connection *connection) {
  return streams_method_output_stream_subscribe(streams_borrow_output_stream(connection->output));
}

static void drop_first(size_t length) {
  for (size_t i = 0; i < length; i++) poll_pollable_drop_own(pollables[i]);
}

static void write(struct connection *to, const char *string, size_t length) {
  CHECK(write_flushed(streams_borrow_output_stream(to->output), string, length));
}

static void what_is_ready(void) {
  struct connection client, server;
  new_pair(&client, &server);
  pollables[0] = readable(&client);
  pollables[1] = writable(&client);
  pollables[2] = readable(&server);
  pollables[3] = monotonic_clock_subscribe_duration(UINT64_MAX);
  EXPECT_NUMBER(poll_first(4), 1 << 1);
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(pollables[0])));
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(pollables[1])));
  write(&client, "x", 1);
  poll_method_pollable_block(poll_borrow_pollable(pollables[2]));
  EXPECT_NUMBER(poll_first(4), 1 << 1 | 1 << 2);
  EXPECT_NUMBER(poll_first(4), 1 << 1 | 1 << 2); // level-triggered: until it is read
  uint64_t count;
  streams_stream_error_t error;
  CHECK(streams_method_input_stream_skip(streams_borrow_input_stream(server.input), 1, &count, &error));
  EXPECT_NUMBER(poll_first(4), 1 << 1); // exact: wasmtime tells once more of a socket that was just emptied
  drop_first(4);
  drop_connection(&client);
  drop_connection(&server);
}

static void duplicates(void) {
  struct connection client, server;
  new_pair(&client, &server);
  pollables[0] = writable(&client);
  pollables[1] = readable(&client);
  pollables[2] = pollables[0]; // the same pollable again
  pollables[3] = writable(&client); // another of the same stream
  EXPECT_NUMBER(poll_first(4), 1 << 0 | 1 << 2 | 1 << 3);
  poll_pollable_drop_own(pollables[0]);
  poll_pollable_drop_own(pollables[1]);
  poll_pollable_drop_own(pollables[3]);
  drop_connection(&client);
  drop_connection(&server);
}

// A timer that is always due must not hide a socket: a guest that polls [zero timer, socket] in a loop sees the socket.
static void beside_a_due_timer(void) {
  struct connection client, server;
  new_pair(&client, &server);
  pollables[0] = monotonic_clock_subscribe_duration(0);
  pollables[1] = readable(&server);
  EXPECT_NUMBER(poll_first(2), 1 << 0);
  write(&client, "x", 1);
  int rounds = 0;
  while ((poll_first(2) & 1 << 1) == 0 && ++rounds < 1000000) {}
  CHECK(rounds < 1000000);
  drop_first(2);
  drop_connection(&client);
  drop_connection(&server);
}

static void a_timer_ends_the_wait(void) {
  struct connection client, server;
  new_pair(&client, &server);
  uint64_t before = monotonic_clock_now();
  pollables[0] = readable(&client);
  pollables[1] = monotonic_clock_subscribe_duration(20 * millisecond);
  pollables[2] = monotonic_clock_subscribe_duration(UINT64_MAX);
  EXPECT_NUMBER(poll_first(3), 1 << 1);
  CHECK(monotonic_clock_now() - before >= 20 * millisecond);
  drop_first(3);
  drop_connection(&client);
  drop_connection(&server);
}

static void the_end_is_ready(void) {
  struct connection client, server;
  new_pair(&client, &server);
  pollables[0] = readable(&server);
  drop_connection(&client);
  EXPECT_NUMBER(poll_first(1), 1);
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  CHECK(!streams_method_input_stream_read(streams_borrow_input_stream(server.input), 1, &bytes, &error));
  CHECK(error.tag == STREAMS_STREAM_ERROR_CLOSED);
  EXPECT_NUMBER(poll_first(1), 1); // and stays
  drop_first(1);
  drop_connection(&server);
}

static void a_listener(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(family_of(&address));
  struct connection client, server;
  pollables[0] = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(listener));
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(pollables[0])));
  EXPECT(start_connect(socket, address), OK);
  EXPECT(await_connect(socket, &client), OK);
  EXPECT_NUMBER(poll_first(1), 1);
  EXPECT_NUMBER(poll_first(1), 1);
  EXPECT(accept(listener, &server), OK);
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(pollables[0])));
  drop_first(1);
  drop_connection(&client);
  drop_connection(&server);
  drop_socket(listener);
}

// A pollable made before a connect serves through it.
static void a_pollable_through_the_states(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(family_of(&address));
  struct connection client;
  pollables[0] = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket));
  EXPECT_NUMBER(poll_first(1), 1); // fresh: always ready
  EXPECT(start_connect(socket, address), OK);
  EXPECT_NUMBER(poll_first(1), 1);
  EXPECT(finish_connect(socket, &client), OK);
  EXPECT_NUMBER(poll_first(1), 1);
  drop_first(1);
  drop_connection(&client);
  drop_socket(listener);
}

// Lists that grow, each with one timer that comes due: the one index that is told is that timer's.
static void thousands(void) {
  static poll_borrow_pollable_t list[MOST];
  for (size_t length = 1; length <= MOST; length *= 2) {
    for (size_t i = 0; i < length; i++) {
      pollables[i] = monotonic_clock_subscribe_duration(i == length / 2 ? 1 : UINT64_MAX);
      list[i] = poll_borrow_pollable(pollables[i]);
    }
    poll_list_borrow_pollable_t all = {list, length};
    guest_list_u32_t answer;
    arena_reset();
    poll_poll(&all, &answer);
    EXPECT_NUMBER(answer.len, 1);
    EXPECT_NUMBER(answer.ptr[0], length / 2);
    drop_first(length);
  }
}

// A host may keep what it knows of the last list: entries that go, come back, change places or take over a handle's number.
static void lists_that_change(void) {
  poll_own_pollable_t never = monotonic_clock_subscribe_duration(UINT64_MAX);
  poll_own_pollable_t due = monotonic_clock_subscribe_duration(1);
  pollables[0] = never;
  pollables[1] = due;
  EXPECT_NUMBER(poll_first(2), 1 << 1);
  pollables[0] = due;
  EXPECT_NUMBER(poll_first(1), 1 << 0); // shorter
  pollables[0] = never;
  EXPECT_NUMBER(poll_first(2), 1 << 1); // longer again
  pollables[0] = due;
  pollables[1] = never;
  EXPECT_NUMBER(poll_first(2), 1 << 0); // turned round
  poll_pollable_drop_own(due);
  uint64_t before = monotonic_clock_now();
  due = monotonic_clock_subscribe_duration(20 * millisecond); // most hosts give it the number that is free
  pollables[0] = due;
  EXPECT_NUMBER(poll_first(2), 1 << 0);
  CHECK(monotonic_clock_now() - before >= 20 * millisecond);
  poll_pollable_drop_own(due);
  due = monotonic_clock_subscribe_duration(1);
  pollables[0] = never;
  pollables[1] = due;
  EXPECT_NUMBER(poll_first(2), 1 << 1);
  drop_first(2);
}

bool exports_wasi_cli_run_run(void) {
  what_is_ready();
  duplicates();
  beside_a_due_timer();
  a_timer_ends_the_wait();
  the_end_is_ready();
  a_listener();
  a_pollable_through_the_states();
  thousands();
  lists_that_change();
  return finish_checks();
}
