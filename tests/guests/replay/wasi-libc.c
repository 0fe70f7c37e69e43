// wasi-libc's TCP, as a C program or CPython uses it: blocking calls, then non-blocking ones around poll(2).
// Order of calls: libc-bottom-half/sources/tcp.c, file_utils.c and poll-wasip2.c, replayed in lib/libc-sockets.c.
#include <string.h>

#include "libc-sockets.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4

static uint8_t bytes[100000], echoed[sizeof bytes];

static struct fd listener(bool blocking, network_ip_socket_address_t *address) {
  struct fd fd;
  EXPECT(libc_socket(family_of(address), blocking, false, &fd), OK);
  EXPECT(libc_bind(&fd, *address), OK);
  EXPECT(libc_listen(&fd, 5), OK);
  EXPECT(libc_getsockname(&fd, address), OK);
  return fd;
}

static void blocking_calls(network_ip_socket_address_t address) {
  struct fd server = listener(true, &address), client, accepted;
  network_ip_socket_address_t peer = {0}, local = {0};
  char received[64];
  size_t count = 0;
  EXPECT(libc_socket(family_of(&address), true, false, &client), OK);
  EXPECT(libc_getpeername(&client, &peer), INVALID_STATE);
  EXPECT(libc_connect(&client, address), OK);
  EXPECT(libc_accept(&server, true, &accepted, &peer), OK);
  EXPECT(libc_getsockname(&client, &local), OK);
  EXPECT_NUMBER(port_of(&peer), port_of(&local));
  EXPECT(libc_getpeername(&client, &peer), OK);
  EXPECT_NUMBER(port_of(&peer), port_of(&address));
  EXPECT(libc_so_error(&client), OK);

  EXPECT(libc_send(&client, "hello", 5, &count), OK);
  EXPECT_NUMBER(count, 5);
  EXPECT(libc_recv(&accepted, received, 0, &count), OK);
  EXPECT(libc_recv(&accepted, received, sizeof received, &count), OK);
  CHECK(count == 5 && memcmp(received, "hello", 5) == 0);

  // A timeout on the descriptor (SO_RCVTIMEO) is a timer beside the stream.
  accepted.receive_timeout = 10000000;
  EXPECT(libc_recv(&accepted, received, sizeof received, &count), WOULD_BLOCK);
  accepted.receive_timeout = 0;

  // Half-close: the streams stay.
  EXPECT(libc_shutdown(&client, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT(libc_shutdown(&client, TCP_SHUTDOWN_TYPE_SEND), OK);
  EXPECT(libc_send(&client, "x", 1, &count), EPIPE);
  for (int i = 0; i < 2; i++) {
    EXPECT(libc_recv(&accepted, received, sizeof received, &count), OK);
    EXPECT_NUMBER(count, 0);
  }
  EXPECT(libc_send(&accepted, "goodbye", 7, &count), OK);
  libc_close(&accepted);
  EXPECT(libc_recv(&client, received, sizeof received, &count), OK);
  CHECK(count == 7 && memcmp(received, "goodbye", 7) == 0);
  EXPECT(libc_recv(&client, received, sizeof received, &count), OK);
  EXPECT_NUMBER(count, 0);
  libc_close(&client);
  EXPECT(libc_listen(&server, 10), OK); // only the backlog
  libc_close(&server);
}

static void failures(void) {
  network_ip_socket_address_t address = loopback(0), other = loopback(0);
  struct fd server = listener(true, &address), fd, accepted;
  size_t count;
  char received[8];
  EXPECT(libc_socket(V4, true, false, &fd), OK);
  EXPECT(libc_bind(&fd, address), ADDRESS_IN_USE);
  libc_close(&fd);

  // The peer closes with bytes unread: the end all the same, for the host shuts a socket down before it closes it.
  EXPECT(libc_socket(V4, true, false, &fd), OK);
  EXPECT(libc_connect(&fd, address), OK);
  EXPECT(libc_accept(&server, true, &accepted, NULL), OK);
  EXPECT(libc_send(&fd, "unread", 6, &count), OK);
  struct pollfd arrived = {&accepted, LIBC_POLLIN, 0};
  EXPECT_NUMBER((uint64_t)libc_poll(&arrived, 1, -1), 1);
  libc_close(&accepted);
  EXPECT(libc_recv(&fd, received, sizeof received, &count), OK);
  EXPECT_NUMBER(count, 0);
  libc_close(&fd);
  libc_close(&server);

  // Nobody listens any more.
  EXPECT(libc_socket(V4, true, false, &fd), OK);
  EXPECT(libc_connect(&fd, address), CONNECTION_REFUSED);
  EXPECT(libc_so_error(&fd), CONNECTION_REFUSED);
  EXPECT(libc_getsockname(&fd, &other), CONNECTION_REFUSED);
  struct pollfd failed = {&fd, LIBC_POLLIN | LIBC_POLLOUT, 0};
  EXPECT_NUMBER((uint64_t)libc_poll(&failed, 1, -1), 1);
  libc_close(&fd);

  // listen without bind takes any address.
  EXPECT(libc_socket(V4, true, false, &fd), OK);
  EXPECT(libc_listen(&fd, 1), OK);
  EXPECT(libc_getsockname(&fd, &other), OK);
  CHECK(port_of(&other) != 0);
  libc_close(&fd);
}

// One thread is client and server: all of `bytes` there and back, as poll(2) allows.
static void around_poll(network_ip_socket_address_t address) {
  struct fd server = listener(false, &address), client, accepted;
  EXPECT(libc_accept(&server, false, &accepted, NULL), WOULD_BLOCK);
  struct pollfd nobody = {&server, LIBC_POLLIN, 0};
  EXPECT_NUMBER((uint64_t)libc_poll(&nobody, 1, 0), 0);
  EXPECT_NUMBER((uint64_t)libc_poll(&nobody, 1, 10), 0);

  EXPECT(libc_socket(family_of(&address), false, false, &client), OK);
  // Over loopback it may be made at once; where it is under way, poll finishes it.
  uint8_t connecting = libc_connect(&client, address);
  CHECK(libc_so_error(&client) == connecting);
  struct pollfd fds[] = {{&client, LIBC_POLLOUT, 0}, {&server, LIBC_POLLIN, 0}};
  while (libc_poll(fds, 1, 1000) == 0 || client.state == CONNECTING) continue;
  EXPECT(libc_so_error(&client), OK);
  EXPECT_NUMBER((uint64_t)fds[0].revents, LIBC_POLLOUT);
  while (libc_accept(&server, false, &accepted, NULL) == NETWORK_ERROR_CODE_WOULD_BLOCK) libc_poll(fds + 1, 1, -1);

  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7 + (i >> 9));
  static uint8_t held[8192];
  size_t sent = 0, received = 0, holding = 0, given = 0, count;
  bool client_ended = false, server_ended = false;
  while (received < sizeof bytes || !server_ended) {
    struct pollfd both[] = {
      {&client, LIBC_POLLIN | (sent < sizeof bytes ? LIBC_POLLOUT : 0), 0},
      {&accepted, (holding == 0 && !server_ended ? LIBC_POLLIN : 0) | (holding > 0 ? LIBC_POLLOUT : 0), 0},
    };
    CHECK(libc_poll(both, 2, 5000) > 0);
    if ((both[0].revents & LIBC_POLLOUT) != 0) {
      EXPECT(libc_send(&client, bytes + sent, sizeof bytes - sent, &count), OK);
      sent += count;
    }
    if (sent == sizeof bytes && !client_ended) {
      EXPECT(libc_shutdown(&client, TCP_SHUTDOWN_TYPE_SEND), OK);
      client_ended = true;
    }
    if ((both[1].revents & LIBC_POLLIN) != 0) {
      EXPECT(libc_recv(&accepted, held, sizeof held, &count), OK);
      server_ended = count == 0;
      holding = count;
      given = 0;
    }
    if (holding > 0 && (both[1].revents & LIBC_POLLOUT) != 0) {
      EXPECT(libc_send(&accepted, held + given, holding - given, &count), OK);
      given += count;
      if (given == holding) holding = 0;
    }
    if ((both[0].revents & LIBC_POLLIN) != 0) {
      EXPECT(libc_recv(&client, echoed + received, sizeof echoed - received, &count), OK); // ready: never would-block
      received += count;
    }
  }
  CHECK(memcmp(bytes, echoed, sizeof bytes) == 0);
  libc_close(&accepted);
  libc_close(&client);
  libc_close(&server);
}

static void refused_around_poll(void) {
  network_ip_socket_address_t address = loopback(0);
  struct fd server = listener(true, &address), client;
  libc_close(&server);
  EXPECT(libc_socket(V4, false, false, &client), OK);
  CHECK(libc_connect(&client, address) != NETWORK_ERROR_CODE_OK);
  struct pollfd fd = {&client, LIBC_POLLOUT, 0};
  while (libc_poll(&fd, 1, 1000) == 0 || client.state == CONNECTING) continue;
  EXPECT_NUMBER((uint64_t)fd.revents, LIBC_POLLOUT);
  EXPECT(libc_so_error(&client), CONNECTION_REFUSED);
  libc_close(&client);
}

bool exports_wasi_cli_run_run(void) {
  for (int i = 0; i < 2; i++) {
    blocking_calls(i == 0 ? loopback(0) : loopback6(0));
    around_poll(i == 0 ? loopback(0) : loopback6(0));
  }
  failures();
  refused_around_poll();
  return finish_checks();
}
