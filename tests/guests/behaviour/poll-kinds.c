// One list with stdin, a socket, a timer and a look-up: each is told when it is ready, and not before. Says when only stdin is
// left, which then has `x`.
#include "arena.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

enum { STDIN, SOCKET, TIMER, LOOKUP, KINDS };

static poll_own_pollable_t pollables[KINDS];
static bool told[KINDS];

// Polls those that were not told yet.
static void poll_rest(void) {
  poll_borrow_pollable_t list[KINDS];
  int kinds[KINDS];
  size_t length = 0;
  for (int kind = 0; kind < KINDS; kind++) {
    if (told[kind]) continue;
    kinds[length] = kind;
    list[length++] = poll_borrow_pollable(pollables[kind]);
  }
  poll_list_borrow_pollable_t all = {list, length};
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&all, &ready);
  CHECK(ready.len > 0);
  for (size_t i = 0; i < ready.len; i++) told[kinds[ready.ptr[i]]] = true;
}

static bool reads(streams_own_input_stream_t stream) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  bool ok = streams_method_input_stream_read(streams_borrow_input_stream(stream), 1, &bytes, &error);
  return ok && bytes.len == 1 && bytes.ptr[0] == 'x';
}

bool exports_wasi_cli_run_run(void) {
  struct connection client, server;
  static uint8_t localhost[] = "localhost";
  guest_string_t name = {localhost, sizeof localhost - 1};
  ip_name_lookup_own_resolve_address_stream_t lookup;
  ip_name_lookup_option_ip_address_t address;
  network_error_code_t code;
  new_pair(&client, &server);
  streams_own_input_stream_t input = stdin_get_stdin();
  network_own_network_t network = instance_network_instance_network();
  CHECK(ip_name_lookup_resolve_addresses(network_borrow_network(network), &name, &lookup, &code));
  uint64_t start = monotonic_clock_now(), duration = 50000000;
  pollables[STDIN] = streams_method_input_stream_subscribe(streams_borrow_input_stream(input));
  pollables[SOCKET] = streams_method_input_stream_subscribe(streams_borrow_input_stream(server.input));
  pollables[TIMER] = monotonic_clock_subscribe_duration(duration);
  pollables[LOOKUP] =
    ip_name_lookup_method_resolve_address_stream_subscribe(ip_name_lookup_borrow_resolve_address_stream(lookup));

  while (!told[TIMER] || !told[LOOKUP]) {
    CHECK(!told[SOCKET]);
    poll_rest();
  }
  CHECK(monotonic_clock_now() - start >= duration);
  CHECK(ip_name_lookup_method_resolve_address_stream_resolve_next_address(
    ip_name_lookup_borrow_resolve_address_stream(lookup), &address, &code));
  CHECK(write_flushed(streams_borrow_output_stream(client.output), "x", 1));
  while (!told[SOCKET]) poll_rest();
  CHECK(reads(server.input));
  print("stdin is left");
  while (!told[STDIN]) poll_rest();
  CHECK(reads(input));
  return finish_checks();
}
