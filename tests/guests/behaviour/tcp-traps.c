// tcp-traps CASE: rules of TCP streams whose breach ends the guest. No case returns.
#include "arguments.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

static struct connection client, server;
static streams_stream_error_t error;
static uint8_t block[65537];

static void write(size_t length) {
  guest_list_u8_t contents = {block, length};
  streams_method_output_stream_write(streams_borrow_output_stream(client.output), &contents, &error);
}

static void permit(void) {
  uint64_t permit;
  streams_method_output_stream_check_write(streams_borrow_output_stream(client.output), &permit, &error);
}

// What is queued may be out at the next call, when the kernel on a busy machine has made room: again then, as often as it takes.
// The peer reads nothing, so a case that goes on for longer was let through.
#define TRIES 20

// Writes until something is queued. The kernel's buffer is less than a write has, so that it is the host which queues: of a full
// socket wasmtime permits nothing, either, and while it has queued nothing itself an empty write is none.
static void fill(void) {
  uint64_t permit;
  tcp_error_code_t refused; // by the runtimes' own sockets
  tcp_method_tcp_socket_set_send_buffer_size(tcp_borrow_tcp_socket(client.socket), 4096, &refused);
  streams_borrow_output_stream_t output = streams_borrow_output_stream(client.output);
  while (streams_method_output_stream_check_write(output, &permit, &error) && permit > 0) write(permit);
}

bool exports_wasi_cli_run_run(void) {
  new_pair(&client, &server);
  streams_borrow_input_stream_t input = streams_borrow_input_stream(client.input);
  streams_borrow_output_stream_t output = streams_borrow_output_stream(client.output);
  if (argument_is(1, "write-without-permit")) write(1);
  if (argument_is(1, "write-beyond-permit")) {
    permit();
    write(sizeof block);
  }
  if (argument_is(1, "write-twice-on-one-permit")) {
    permit();
    write(1);
    write(1);
  }
  if (argument_is(1, "write-while-writing")) {
    fill();
    write(1);
  }
  for (int i = 0; i < TRIES && argument_is(1, "write-nothing-while-writing"); i++) {
    fill();
    write(0);
  }
  for (int i = 0; i < TRIES && argument_is(1, "zeroes-while-writing"); i++) {
    fill();
    streams_method_output_stream_write_zeroes(output, 1, &error);
  }
  for (int i = 0; i < TRIES && argument_is(1, "write-while-closing"); i++) {
    struct connection peer; // closed if everything was out: another one then
    new_pair(&client, &peer);
    fill();
    shut_down(client.socket, TCP_SHUTDOWN_TYPE_SEND);
    write(1);
  }
  if (argument_is(1, "zeroes-beyond-permit")) streams_method_output_stream_write_zeroes(output, sizeof block, &error);
  if (argument_is(1, "socket-before-input")) {
    streams_output_stream_drop_own(client.output);
    drop_socket(client.socket);
  }
  if (argument_is(1, "socket-before-output")) {
    streams_input_stream_drop_own(client.input);
    drop_socket(client.socket);
  }
  if (argument_is(1, "input-before-pollable")) {
    streams_method_input_stream_subscribe(input);
    streams_input_stream_drop_own(client.input);
  }
  if (argument_is(1, "output-before-pollable")) {
    streams_method_output_stream_subscribe(output);
    streams_output_stream_drop_own(client.output);
  }
  return print("survived");
}
