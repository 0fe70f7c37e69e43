// Goes round in calls that never wait, where others would poll: prints `listening on ADDRESS`, accepts its one client, reads a
// byte, looks at the pollable for the next one, sends both back. A host that runs guests beside other work must get its turn.
#include "arena.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

static uint8_t read_byte(struct connection *client) {
  guest_list_u8_t bytes = {0};
  streams_stream_error_t error;
  do {
    arena_reset();
    if (!streams_method_input_stream_read(streams_borrow_input_stream(client->input), 1, &bytes, &error)) __builtin_trap();
  } while (bytes.len == 0);
  return bytes.ptr[0];
}

bool exports_wasi_cli_run_run(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address);
  struct text text = {0};
  put_string(&text, "listening on ");
  put_address(&text, &address);
  print_line(&text);

  struct connection client;
  uint8_t outcome;
  do outcome = accept(listener, &client);
  while (outcome == NETWORK_ERROR_CODE_WOULD_BLOCK);
  EXPECT(outcome, OK);

  char bytes[2];
  bytes[0] = (char)read_byte(&client);
  poll_own_pollable_t readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(client.input));
  while (!poll_method_pollable_ready(poll_borrow_pollable(readable))) {
  }
  poll_pollable_drop_own(readable);
  bytes[1] = (char)read_byte(&client);
  CHECK(write_flushed(streams_borrow_output_stream(client.output), bytes, 2));
  drop_connection(&client);
  drop_socket(listener);
  return finish_checks();
}
