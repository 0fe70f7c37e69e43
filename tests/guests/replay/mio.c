// mio on wasip2: src/sys/wasi/p2.rs (Selector::select, tcp::connect, IoSourceState) over the wasi-libc of its time, whose
// sockets make every pollable at once. Listening sockets cannot be registered there (EBADF), so accept is tried in between.
#include "mio-select.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4
#define TOTAL 300000

static uint8_t bytes[TOTAL], echoed[TOTAL], held[16384];

static struct fd listener(network_ip_socket_address_t *address) {
  struct fd fd;
  EXPECT(libc_socket(V4, false, true, &fd), OK);
  EXPECT(libc_bind(&fd, *address), OK);
  EXPECT(libc_listen(&fd, 1024), OK);
  EXPECT(libc_getsockname(&fd, address), OK);
  return fd;
}

// net/tcp/stream.rs, TcpStream::connect: started, whether it is made or under way.
static struct fd connect(network_ip_socket_address_t address) {
  struct fd fd;
  EXPECT(libc_socket(V4, false, true, &fd), OK);
  libc_connect(&fd, address);
  return fd;
}

static void nothing_ready(void) {
  struct mio_event events[2 * MIO_MAX];
  EXPECT_NUMBER(mio_select(events, 0), 0);
  uint64_t before = monotonic_clock_now();
  EXPECT_NUMBER(mio_select(events, 10000000), 0);
  CHECK(monotonic_clock_now() - before >= 10000000);
}

// The steps that the docs of TcpStream::connect list: an event, take_error, peer_addr.
static void await_connected(struct fd *fd, struct mio_registration *registration, uint8_t expected) {
  struct mio_event events[2 * MIO_MAX];
  mio_register(registration, fd, MIO_READABLE | MIO_WRITABLE);
  while (fd->state == CONNECTING) mio_select(events, 1000000000);
  CHECK(libc_so_error(fd) == expected);
}

static void there_and_back(void) {
  network_ip_socket_address_t address = loopback(0), peer = {0};
  struct fd server = listener(&address), client = connect(address), accepted;
  struct mio_registration at_client, at_server;
  struct mio_event events[2 * MIO_MAX];
  await_connected(&client, &at_client, NETWORK_ERROR_CODE_OK);
  EXPECT(libc_getpeername(&client, &peer), OK);
  while (libc_accept(&server, false, &accepted, &peer) == NETWORK_ERROR_CODE_WOULD_BLOCK) mio_select(events, 1000000);
  mio_register(&at_server, &accepted, MIO_READABLE | MIO_WRITABLE);
  for (size_t i = 0; i < TOTAL; i++) bytes[i] = (uint8_t)(i * 13 + (i >> 10));

  size_t sent = 0, received = 0, holding = 0, given = 0, count;
  bool client_ended = false, server_ended = false, over = false;
  // Edge-triggered: each event is an invitation to go on until would-block.
  while (!over) {
    size_t found = mio_select(events, 60000000000);
    if (!CHECK(found > 0)) break;
    for (size_t i = 0; i < found; i++) {
      bool at_the_client = events[i].registration == &at_client;
      if (at_the_client && events[i].ready == MIO_WRITABLE) {
        while (sent < TOTAL && libc_send(&client, bytes + sent, TOTAL - sent, &count) == NETWORK_ERROR_CODE_OK) sent += count;
        if (sent < TOTAL) mio_rearm(&at_client);
        if (sent == TOTAL && !client_ended) EXPECT(libc_shutdown(&client, TCP_SHUTDOWN_TYPE_SEND), OK);
        client_ended = sent == TOTAL;
      } else if (at_the_client) {
        while (libc_recv(&client, echoed + received, TOTAL - received + 1, &count) == NETWORK_ERROR_CODE_OK) {
          if (count == 0) over = true;
          if (count == 0) break;
          received += count;
        }
        mio_rearm(&at_client);
        if (client_ended) at_client.armed = MIO_READABLE;
      } else {
        for (;;) {
          while (given < holding && libc_send(&accepted, held + given, holding - given, &count) == NETWORK_ERROR_CODE_OK)
            given += count;
          if (given < holding || server_ended) break;
          if (libc_recv(&accepted, held, sizeof held, &count) != NETWORK_ERROR_CODE_OK) break;
          holding = count;
          given = 0;
          if (count > 0) continue;
          server_ended = true;
          EXPECT(libc_shutdown(&accepted, TCP_SHUTDOWN_TYPE_SEND), OK);
          break;
        }
        if (!server_ended) mio_rearm(&at_server);
      }
    }
  }
  EXPECT_NUMBER(received, TOTAL);
  CHECK(memcmp(bytes, echoed, TOTAL) == 0);
  mio_deregister(&at_client);
  mio_deregister(&at_server);
  libc_close(&accepted);
  libc_close(&client);
  libc_close(&server);
}

static void refused(void) {
  network_ip_socket_address_t address = loopback(0);
  struct fd server = listener(&address);
  libc_close(&server);
  struct fd client = connect(address);
  struct mio_registration registration;
  await_connected(&client, &registration, NETWORK_ERROR_CODE_CONNECTION_REFUSED);
  mio_deregister(&registration);
  libc_close(&client);
}

bool exports_wasi_cli_run_run(void) {
  nothing_ready();
  there_and_back();
  refused();
  return finish_checks();
}
