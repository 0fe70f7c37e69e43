// A network that goes away and comes back: prints `up`, waits for a line (the network is down), prints what it sees, prints
// `down`, waits for another (it is up again), and goes on. Run in a network namespace with nothing but loopback.
#include <string.h>

#include "arena.h"
#include "datagrams.h"
#include "error-code.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

static void await_line(void) {
  static stdin_own_input_stream_t stream;
  if (stream.__handle == 0) stream = stdin_get_stdin();
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(stream), 100, &bytes, &error)) __builtin_trap();
}

static void saw(const char *what, uint8_t outcome) {
  struct text text = {0};
  put_string(&text, what);
  put_string(&text, ": ");
  put_string(&text, outcome == NETWORK_ERROR_CODE_OK ? "ok" : error_code_name(outcome));
  print_line(&text);
}

static bool read_within(struct connection *connection, uint64_t duration, guest_list_u8_t *bytes, streams_stream_error_t *error) {
  poll_own_pollable_t readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(connection->input));
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(duration);
  poll_borrow_pollable_t pollables[] = {poll_borrow_pollable(readable), poll_borrow_pollable(timer)};
  poll_list_borrow_pollable_t list = {pollables, 2};
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&list, &ready);
  poll_pollable_drop_own(readable);
  poll_pollable_drop_own(timer);
  return streams_method_input_stream_read(streams_borrow_input_stream(connection->input), 100, bytes, error);
}

// A connection that notices within 2 s that its peer has gone silent.
static void watch(struct connection *connection) {
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(connection->socket);
  network_error_code_t code;
  CHECK(tcp_method_tcp_socket_set_keep_alive_enabled(socket, true, &code));
  CHECK(tcp_method_tcp_socket_set_keep_alive_idle_time(socket, 1, &code));
  CHECK(tcp_method_tcp_socket_set_keep_alive_interval(socket, 1, &code));
  CHECK(tcp_method_tcp_socket_set_keep_alive_count(socket, 1, &code));
}

bool exports_wasi_cli_run_run(void) {
  struct connection client, server, watched, silent, none;
  network_ip_socket_address_t address = loopback(0), near = loopback(0), far = loopback(0);
  CHECK(new_listener(&address).__handle != 0);
  udp_own_udp_socket_t from = new_bound_udp_socket(&near), to = new_bound_udp_socket(&far);
  struct datagram_streams sender, receiver;
  EXPECT(udp_stream(from, NULL, &sender), OK);
  EXPECT(udp_stream(to, NULL, &receiver), OK);
  new_pair(&client, &server);
  new_pair(&watched, &silent);
  watch(&watched);
  print("up");
  await_line();

  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_connect(socket, address), OK);
  saw("connect", await_connect(socket, &none));
  drop_socket(socket);
  saw("send", send_datagram(&sender, &far, "lost", 4));
  // A connection that is open knows nothing yet: what is written is kept for later.
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  CHECK(write_flushed(streams_borrow_output_stream(client.output), "later", 5));
  CHECK(read_within(&server, 50000000, &bytes, &error) && bytes.len == 0);
  // One with keep-alive learns it.
  bool open = true;
  for (int i = 0; i < 30 && open; i++) open = read_within(&watched, 1000000000, &bytes, &error);
  CHECK(!open);
  if (!open && CHECK(error.tag == STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED)) {
    struct text text = {0};
    guest_string_t description;
    error_method_error_to_debug_string(error_borrow_error(error.val.last_operation_failed), &description);
    put_string(&text, "keep-alive: ");
    put_bytes(&text, description.ptr, description.len);
    print_line(&text);
    drop_stream_error(&error);
  }
  print("down");
  await_line();

  // What was written meanwhile arrives, and new connections are made.
  size_t received = 0;
  for (int i = 0; i < 60 && received < 5; i++) {
    CHECK(read_within(&server, 1000000000, &bytes, &error));
    received += bytes.len;
  }
  EXPECT_NUMBER(received, 5);
  socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_connect(socket, address), OK);
  saw("connect", await_connect(socket, &none));
  saw("send", send_datagram(&sender, &far, "there", 5));
  udp_list_incoming_datagram_t datagrams;
  EXPECT(await_receive(&receiver, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "there"));
  return finish_checks();
}
