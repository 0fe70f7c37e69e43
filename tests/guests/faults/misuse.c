// Calls that are wrong and are answered with an error-code: each beside a connection that must not notice.
#include <string.h>

#include "arena.h"
#include "datagrams.h"
#include "sockets.h"
#include "streams.h"

static struct connection client, server;

static void still_there(void) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  CHECK(write_flushed(streams_borrow_output_stream(client.output), "alive", 5));
  CHECK(streams_method_input_stream_blocking_read(streams_borrow_input_stream(server.input), 5, &bytes, &error));
  CHECK(bytes.len == 5 && memcmp(bytes.ptr, "alive", 5) == 0);
}

bool exports_wasi_cli_run_run(void) {
  static uint8_t huge[1 << 20];
  new_pair(&client, &server);
  network_ip_socket_address_t v4 = loopback(0), v6 = loopback6(0), other = {0};
  tcp_own_tcp_socket_t listener = new_listener(&v4);

  // The other family.
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV6);
  EXPECT(start_bind(socket, v4), INVALID_ARGUMENT);
  EXPECT(start_connect(socket, v4), INVALID_ARGUMENT);
  still_there();
  drop_socket(socket);
  socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_connect(socket, v6), INVALID_ARGUMENT);
  drop_socket(socket);

  // A handle used for what it is not in a state for, and one that is dropped while others of its number come and go.
  EXPECT(start_listen(client.socket), INVALID_STATE);
  EXPECT(accept(client.socket, &(struct connection){0}), INVALID_STATE);
  EXPECT(shut_down(listener, TCP_SHUTDOWN_TYPE_BOTH), INVALID_STATE);
  EXPECT(remote_address(listener, &other), INVALID_STATE);
  for (int i = 0; i < 1000; i++) {
    tcp_own_tcp_socket_t reused = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
    EXPECT(start_bind(reused, loopback(0)), OK);
    drop_socket(reused);
  }
  still_there();

  // Lists and datagrams beyond their limits.
  udp_own_udp_socket_t datagram_socket = new_bound_udp_socket(&v6);
  struct datagram_streams streams;
  EXPECT(udp_stream(datagram_socket, NULL, &streams), OK);
  EXPECT(send_datagram(&streams, &v6, huge, sizeof huge), DATAGRAM_TOO_LARGE);
  EXPECT(send_datagram(&streams, &v4, "x", 1), INVALID_ARGUMENT);
  still_there();

  // 20,000 pollables in one list, of which one is ready.
  static poll_own_pollable_t owned[20000];
  static poll_borrow_pollable_t borrowed[20000];
  for (int i = 0; i < 20000; i++) {
    owned[i] = i == 12345 ? tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(client.socket))
                          : streams_method_input_stream_subscribe(streams_borrow_input_stream(server.input));
    borrowed[i] = poll_borrow_pollable(owned[i]);
  }
  poll_list_borrow_pollable_t list = {borrowed, 20000};
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&list, &ready);
  CHECK(ready.len == 1 && ready.ptr[0] == 12345);
  for (int i = 0; i < 20000; i++) poll_pollable_drop_own(owned[i]);
  still_there();
  return finish_checks();
}
