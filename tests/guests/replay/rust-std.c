// Rust's std on wasm32-wasip2: library/std/src/sys/net/connection/socket/{mod,wasip2}.rs, which call wasi-libc. Blocking
// sockets, connect_timeout, set_read_timeout, UdpSocket and lookup_host. Needs -S allow-ip-name-lookup.
#include <string.h>

#include "arena.h"
#include "datagrams.h"
#include "libc-sockets.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4

static network_error_code_t code;

// TcpListener::bind: a backlog of 128; SO_REUSEADDR is wasi-libc's own affair.
static struct fd tcp_listener(network_ip_socket_address_t *address) {
  struct fd fd;
  EXPECT(libc_socket(family_of(address), true, false, &fd), OK);
  EXPECT(libc_bind(&fd, *address), OK);
  EXPECT(libc_listen(&fd, 128), OK);
  EXPECT(libc_getsockname(&fd, address), OK);
  return fd;
}

// Socket::connect_timeout: non-blocking for the connect alone, then poll(POLLOUT) and take_error.
static uint8_t connect_timeout(struct fd *fd, network_ip_socket_address_t address, int timeout) {
  fd->blocking = false;
  uint8_t outcome = libc_connect(fd, address);
  fd->blocking = true;
  if (outcome != NETWORK_ERROR_CODE_WOULD_BLOCK) return outcome;
  struct pollfd pollfd = {fd, LIBC_POLLOUT, 0};
  if (libc_poll(&pollfd, 1, timeout) == 0) return NETWORK_ERROR_CODE_TIMEOUT;
  return libc_so_error(fd);
}

static uint8_t write_all(struct fd *fd, const char *bytes, size_t length) {
  size_t count;
  for (; length > 0; bytes += count, length -= count) {
    uint8_t outcome = libc_send(fd, bytes, length, &count);
    if (outcome != NETWORK_ERROR_CODE_OK) return outcome;
  }
  return NETWORK_ERROR_CODE_OK;
}

static size_t read_to_end(struct fd *fd, char *bytes, size_t room) {
  size_t total = 0, count;
  do {
    EXPECT(libc_recv(fd, bytes + total, room - total, &count), OK);
    total += count;
  } while (count > 0 && total < room);
  return total;
}

static void tcp(network_ip_socket_address_t address) {
  static char sent[40000], received[sizeof sent + 1];
  struct fd server = tcp_listener(&address), client, accepted;
  network_ip_socket_address_t peer = {0}, local = {0};
  size_t count;
  EXPECT(libc_socket(family_of(&address), true, false, &client), OK);
  EXPECT(libc_connect(&client, address), OK);
  EXPECT(libc_accept(&server, true, &accepted, &peer), OK);
  EXPECT(libc_getsockname(&client, &local), OK);
  EXPECT_NUMBER(port_of(&peer), port_of(&local));
  EXPECT(libc_getpeername(&accepted, &peer), OK);

  // set_ttl and ttl: IP_TTL.
  uint8_t ttl = 0;
  if (family_of(&address) == V4) {
    CHECK(tcp_method_tcp_socket_set_hop_limit(tcp_borrow_tcp_socket(client.socket), 17, &code));
    CHECK(tcp_method_tcp_socket_hop_limit(tcp_borrow_tcp_socket(client.socket), &ttl, &code));
    EXPECT_NUMBER(ttl, 17);
  }

  for (size_t i = 0; i < sizeof sent; i++) sent[i] = (char)(i % 97);
  EXPECT(write_all(&client, sent, sizeof sent), OK);
  EXPECT(libc_shutdown(&client, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT_NUMBER(read_to_end(&accepted, received, sizeof received), sizeof sent);
  CHECK(memcmp(sent, received, sizeof sent) == 0);
  client.receive_timeout = 5000000; // set_read_timeout
  EXPECT(libc_recv(&client, received, 10, &count), WOULD_BLOCK);
  client.receive_timeout = 0;
  EXPECT(write_all(&accepted, "bye", 3), OK);
  EXPECT(libc_shutdown(&accepted, TCP_SHUTDOWN_TYPE_BOTH), OK);
  EXPECT(libc_shutdown(&accepted, TCP_SHUTDOWN_TYPE_BOTH), OK);
  EXPECT(libc_recv(&accepted, received, 10, &count), OK);
  EXPECT_NUMBER(count, 0);
  EXPECT(write_all(&accepted, "x", 1), EPIPE);
  EXPECT_NUMBER(read_to_end(&client, received, sizeof received), 3);
  libc_close(&client);
  libc_close(&accepted);

  // set_nonblocking on the listener: incoming() answers would-block.
  server.blocking = false;
  EXPECT(libc_accept(&server, true, &accepted, &peer), WOULD_BLOCK);
  EXPECT(libc_socket(family_of(&address), true, false, &client), OK);
  EXPECT(connect_timeout(&client, address, 60000), OK);
  libc_close(&client);
  libc_close(&server);
  EXPECT(libc_socket(family_of(&address), true, false, &client), OK);
  EXPECT(connect_timeout(&client, address, 60000), CONNECTION_REFUSED);
  libc_close(&client);
}

// udp.c, udp_sendto and udp_recvfrom, blocking: the streams are made at the first of them.
static uint8_t send_to(struct datagram_streams *streams, network_ip_socket_address_t *to, const char *string) {
  return send_datagram(streams, to, string, strlen(string));
}

static bool recv_from(struct datagram_streams *streams, const char *expected, network_ip_socket_address_t *from) {
  udp_list_incoming_datagram_t datagrams;
  for (;;) {
    arena_reset();
    if (!EXPECT(receive(streams, 1, &datagrams), OK)) return false;
    if (datagrams.len > 0) break;
    poll_own_pollable_t readable =
      udp_method_incoming_datagram_stream_subscribe(udp_borrow_incoming_datagram_stream(streams->incoming));
    poll_method_pollable_block(poll_borrow_pollable(readable));
    poll_pollable_drop_own(readable);
  }
  *from = datagrams.ptr[0].remote_address;
  return datagram_is(&datagrams.ptr[0], expected);
}

static void udp(void) {
  network_ip_socket_address_t near = loopback(0), far = loopback(0), from = {0};
  udp_own_udp_socket_t one = new_bound_udp_socket(&near), other = new_bound_udp_socket(&far);
  struct datagram_streams here, there;
  EXPECT(udp_stream(one, NULL, &here), OK);
  EXPECT(send_to(&here, &far, "ping"), OK);
  EXPECT(udp_stream(other, NULL, &there), OK);
  CHECK(recv_from(&there, "ping", &from) && same_address(&from, &near));
  EXPECT(send_to(&there, &from, "pong"), OK);
  CHECK(recv_from(&here, "pong", &from) && same_address(&from, &far));
  // connect, then send and recv: the streams are made anew.
  drop_datagram_streams(&here);
  EXPECT(udp_stream(one, &far, &here), OK);
  EXPECT(send_to(&here, NULL, "to my peer"), OK);
  CHECK(recv_from(&there, "to my peer", &from));
  EXPECT(send_to(&there, &near, ""), OK);
  CHECK(recv_from(&here, "", &from));
  drop_datagram_streams(&here);
  drop_datagram_streams(&there);
  drop_udp_socket(one);
  drop_udp_socket(other);
}

// LookupHost: getaddrinfo (wasi-libc's netdb.c), which asks, waits on one pollable for as long as it takes, and collects.
static void lookup_host(const char *name, bool found) {
  guest_string_t string = {(uint8_t *)name, strlen(name)};
  network_own_network_t network = instance_network_instance_network();
  ip_name_lookup_own_resolve_address_stream_t stream;
  poll_own_pollable_t pollable = {0};
  size_t count = 0;
  if (!CHECK(ip_name_lookup_resolve_addresses(network_borrow_network(network), &string, &stream, &code))) return;
  for (;;) {
    ip_name_lookup_option_ip_address_t address;
    if (ip_name_lookup_method_resolve_address_stream_resolve_next_address(ip_name_lookup_borrow_resolve_address_stream(stream),
                                                                          &address, &code)) {
      if (!address.is_some) break;
      count++;
    } else if (code != NETWORK_ERROR_CODE_WOULD_BLOCK) {
      EXPECT(code, NAME_UNRESOLVABLE);
      break;
    } else {
      if (pollable.__handle == 0)
        pollable =
          ip_name_lookup_method_resolve_address_stream_subscribe(ip_name_lookup_borrow_resolve_address_stream(stream));
      poll_method_pollable_block(poll_borrow_pollable(pollable));
    }
  }
  CHECK((count > 0) == found);
  if (pollable.__handle != 0) poll_pollable_drop_own(pollable);
  ip_name_lookup_resolve_address_stream_drop_own(stream);
  network_network_drop_own(network);
}

bool exports_wasi_cli_run_run(void) {
  tcp(loopback(0));
  tcp(loopback6(0));
  udp();
  lookup_host("localhost", true);
  lookup_host("nobody.invalid", false);
  return finish_checks();
}
