// A connection that its peer resets, seen by the guest: prints `listening on ADDRESS`, echoes the first byte of its one client,
// who then resets, and tells what reading and writing give from then on.
#include <string.h>

#include "arena.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

static struct connection client;

static void await_readable(void) {
  poll_own_pollable_t readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(client.input));
  poll_method_pollable_block(poll_borrow_pollable(readable));
  poll_pollable_drop_own(readable);
}

static bool read(guest_list_u8_t *bytes, streams_stream_error_t *error) {
  arena_reset();
  return streams_method_input_stream_blocking_read(streams_borrow_input_stream(client.input), 100, bytes, error);
}

bool exports_wasi_cli_run_run(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address);
  struct text text = {0};
  put_string(&text, "listening on ");
  put_address(&text, &address);
  print_line(&text);

  guest_list_u8_t bytes;
  streams_stream_error_t error;
  EXPECT(await_accept(listener, &client), OK);
  CHECK(read(&bytes, &error) && bytes.len == 1);
  CHECK(write_flushed(streams_borrow_output_stream(client.output), (char *)bytes.ptr, 1));

  CHECK(!read(&bytes, &error));
  if (CHECK(error.tag == STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED)) {
    guest_string_t description;
    error_method_error_to_debug_string(error_borrow_error(error.val.last_operation_failed), &description);
    CHECK(description.len > 0);
    drop_stream_error(&error);
  }
  CHECK(!read(&bytes, &error) && error.tag == STREAMS_STREAM_ERROR_CLOSED); // told once
  await_readable();

  // The socket is still connected as far as its state goes, but its peer is not there any more.
  uint64_t permit = 0;
  streams_borrow_output_stream_t output = streams_borrow_output_stream(client.output);
  poll_own_pollable_t writable = streams_method_output_stream_subscribe(output);
  poll_method_pollable_block(poll_borrow_pollable(writable));
  poll_pollable_drop_own(writable);
  bool failed = !streams_method_output_stream_check_write(output, &permit, &error);
  if (!failed) {
    guest_list_u8_t one = {(uint8_t *)"x", 1};
    failed = !streams_method_output_stream_write(output, &one, &error);
  }
  CHECK(failed);
  if (failed) drop_stream_error(&error);
  for (int again = 0; again < 2; again++)
    CHECK(!streams_method_output_stream_check_write(output, &permit, &error) && error.tag == STREAMS_STREAM_ERROR_CLOSED);
  EXPECT(remote_address(client.socket, &address), INVALID_STATE); // ENOTCONN
  drop_connection(&client);
  drop_socket(listener);
  return finish_checks();
}
