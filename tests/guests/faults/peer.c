// peer STAGE: one client, which the test breaks at that stage; prints what the guest sees of it. Waits for a line on stdin where
// the test must act first.
//
//   accepting     the client is gone before it is accepted
//   reading       ... while the guest waits for bytes
//   writing       ... while the guest writes more than it takes
//   half-closed   ... after the guest has ended its sending side
//   queue         a backlog of 1, and clients that nobody accepts until the line comes
//   slow ROUNDS   clients that read nothing: each is written to until check-write answers 0
//   trapped       writes to its client, then breaks a rule
#include <string.h>

#include "arena.h"
#include "arguments.h"
#include "error-code.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

static tcp_own_tcp_socket_t listener;

static void await_line(void) {
  static stdin_own_input_stream_t stream;
  if (stream.__handle == 0) stream = stdin_get_stdin();
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(stream), 100, &bytes, &error)) __builtin_trap();
}

static void listening(uint64_t backlog) {
  network_ip_socket_address_t address = loopback(0);
  listener = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_bind(listener, address), OK);
  EXPECT(finish_bind(listener), OK);
  EXPECT(set_backlog(listener, backlog), OK);
  EXPECT(start_listen(listener), OK);
  EXPECT(finish_listen(listener), OK);
  EXPECT(local_address(listener, &address), OK);
  struct text text = {0};
  put_string(&text, "listening on ");
  put_address(&text, &address);
  print_line(&text);
}

static void saw(const char *what, const streams_stream_error_t *error) {
  struct text text = {0};
  put_string(&text, what);
  if (error->tag == STREAMS_STREAM_ERROR_CLOSED) {
    put_string(&text, ": closed");
  } else {
    guest_string_t description;
    error_method_error_to_debug_string(error_borrow_error(error->val.last_operation_failed), &description);
    put_string(&text, ": last-operation-failed: ");
    put_bytes(&text, description.ptr, description.len);
    error_error_drop_own(error->val.last_operation_failed);
  }
  print_line(&text);
}

// Reads until the stream ends, and once more.
static void read_on(struct connection *client) {
  for (int ends = 0; ends < 2;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (streams_method_input_stream_blocking_read(streams_borrow_input_stream(client->input), 65536, &bytes, &error)) continue;
    saw("read", &error);
    ends++;
  }
}

static uint8_t block[65536];

// Writes what is permitted; false once the stream ended, which it prints.
static bool write_permitted(struct connection *client, uint64_t *permit) {
  streams_borrow_output_stream_t output = streams_borrow_output_stream(client->output);
  streams_stream_error_t error;
  if (!streams_method_output_stream_check_write(output, permit, &error)) {
    saw("check-write", &error);
    return false;
  }
  guest_list_u8_t bytes = {block, *permit < sizeof block ? (size_t)*permit : sizeof block};
  if (*permit == 0 || streams_method_output_stream_write(output, &bytes, &error)) return true;
  saw("write", &error);
  return false;
}

static void write_on(struct connection *client) {
  poll_own_pollable_t writable = streams_method_output_stream_subscribe(streams_borrow_output_stream(client->output));
  uint64_t permit;
  while (write_permitted(client, &permit))
    if (permit == 0) poll_method_pollable_block(poll_borrow_pollable(writable));
  write_permitted(client, &permit); // and so it stays
  poll_pollable_drop_own(writable);
}

static void print_number(const char *what, uint64_t number) {
  struct text text = {0};
  put_string(&text, what);
  put_string(&text, " ");
  put_number(&text, number);
  print_line(&text);
}

// Writes to each of `count` clients until it takes no more; prints when half and when all are full, and what came of them in the end.
static void slow_readers(uint64_t count) {
  static struct connection clients[256];
  uint64_t permit;
  for (uint64_t i = 0; i < count; i++) {
    EXPECT(await_accept(listener, &clients[i]), OK);
    while (write_permitted(&clients[i], &permit) && permit > 0) continue;
    if ((i + 1) * 2 == count || i + 1 == count) print_number("full:", i + 1);
  }
  await_line();
  // The kernels on the way may have made room since: that is filled too.
  for (uint64_t i = 0; i < count; i++)
    while (write_permitted(&clients[i], &permit) && permit > 0) continue;
  print("still full");
  await_line();
  for (uint64_t i = 0; i < count; i++) drop_connection(&clients[i]); // waits for each that reads, and not for those gone
  print("dropped");
}

static void serve_queue(void) {
  struct connection client;
  await_line();
  uint64_t served = 0;
  for (uint64_t wanted = argument_number(2, 0); served < wanted; served++) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    EXPECT(await_accept(listener, &client), OK);
    arena_reset();
    CHECK(streams_method_input_stream_blocking_read(streams_borrow_input_stream(client.input), 100, &bytes, &error));
    CHECK(write_flushed(streams_borrow_output_stream(client.output), "served", 6));
    drop_connection(&client);
  }
  print_number("served", served);
}

bool exports_wasi_cli_run_run(void) {
  struct connection client;
  bool queue = argument_is(1, "queue");
  listening(queue ? 1 : 128);
  if (queue) {
    serve_queue();
    return finish_checks();
  }
  if (argument_is(1, "slow")) {
    slow_readers(argument_number(2, 1));
    return finish_checks();
  }
  if (argument_is(1, "accepting")) await_line();
  uint8_t accepted = await_accept(listener, &client);
  print(accepted == NETWORK_ERROR_CODE_OK ? "accepted" : error_code_name(accepted));
  if (accepted != NETWORK_ERROR_CODE_OK) return finish_checks();

  if (argument_is(1, "trapped")) {
    CHECK(write_flushed(streams_borrow_output_stream(client.output), "the last words", 14));
    poll_list_borrow_pollable_t none = {NULL, 0};
    guest_list_u32_t ready;
    poll_poll(&none, &ready);
  }
  if (argument_is(1, "half-closed")) {
    EXPECT(shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND), OK);
    print("half-closed");
  }
  if (argument_is(1, "writing"))
    write_on(&client);
  else
    read_on(&client);
  drop_connection(&client);
  return finish_checks();
}
