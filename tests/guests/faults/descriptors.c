// Makes sockets until the machine has no more descriptors, with a connection open all the while. Prints the error-code.
#include <string.h>

#include "arena.h"
#include "error-code.h"
#include "datagrams.h"
#include "sockets.h"
#include "streams.h"
#include "text.h"

#define MAX 100000

static void there_and_back(struct connection *from, struct connection *to) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  CHECK(write_flushed(streams_borrow_output_stream(from->output), "alive", 5));
  CHECK(streams_method_input_stream_blocking_read(streams_borrow_input_stream(to->input), 5, &bytes, &error));
  CHECK(bytes.len == 5 && memcmp(bytes.ptr, "alive", 5) == 0);
}

bool exports_wasi_cli_run_run(void) {
  static tcp_own_tcp_socket_t sockets[MAX];
  struct connection client, server;
  network_error_code_t code = NETWORK_ERROR_CODE_UNKNOWN;
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address);
  new_pair(&client, &server);
  size_t count = 0;
  while (count < MAX && tcp_create_socket_create_tcp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &sockets[count], &code)) count++;
  CHECK(count > 0 && count < MAX);
  print(error_code_name(code));
  udp_own_udp_socket_t datagram_socket;
  network_error_code_t udp_code;
  CHECK(!udp_create_socket_create_udp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &datagram_socket, &udp_code));
  EXPECT_NUMBER(udp_code, code);
  there_and_back(&client, &server);

  // With one descriptor free a connection can be started, and waits in the listener's queue.
  tcp_tcp_socket_drop_own(sockets[--count]);
  tcp_own_tcp_socket_t late = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  struct connection late_client, late_server;
  EXPECT(start_connect(late, address), OK);
  EXPECT(await_connect(late, &late_client), OK);
  await_socket(listener);
  EXPECT_NUMBER(accept(listener, &late_server), code);
  there_and_back(&server, &client);
  // It was not lost: with a second one free it is accepted.
  tcp_tcp_socket_drop_own(sockets[--count]);
  EXPECT(await_accept(listener, &late_server), OK);
  there_and_back(&late_client, &late_server);
  there_and_back(&client, &server);
  while (count > 0) tcp_tcp_socket_drop_own(sockets[--count]);
  return finish_checks();
}
