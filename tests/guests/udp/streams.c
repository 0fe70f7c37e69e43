// Datagram streams that are not connected: send, receive, their limits.
#include <string.h>

#include "arena.h"
#include "datagrams.h"

static uint8_t bytes[65536];

// Two sockets with streams, neither connected.
struct pair {
  udp_own_udp_socket_t sockets[2];
  network_ip_socket_address_t addresses[2];
  struct datagram_streams streams[2];
};

static struct pair new_pair(network_ip_socket_address_t address) {
  struct pair pair;
  for (int i = 0; i < 2; i++) {
    pair.addresses[i] = address;
    pair.sockets[i] = new_bound_udp_socket(&pair.addresses[i]);
    EXPECT(udp_stream(pair.sockets[i], NULL, &pair.streams[i]), OK);
  }
  return pair;
}

static void drop_pair(struct pair *pair) {
  for (int i = 0; i < 2; i++) {
    drop_datagram_streams(&pair->streams[i]);
    drop_udp_socket(pair->sockets[i]);
  }
}

// Receives until `count` have come, in order; loopback loses none of so few.
static size_t receive_some(struct datagram_streams *streams, size_t count) {
  udp_list_incoming_datagram_t datagrams;
  size_t received = 0;
  while (received < count) {
    arena_reset();
    if (!EXPECT(await_receive(streams, count - received, &datagrams), OK)) break;
    received += datagrams.len;
  }
  return received;
}

static void there_and_back(network_ip_socket_address_t address) {
  struct pair pair = new_pair(address);
  udp_list_incoming_datagram_t datagrams;
  EXPECT(receive(&pair.streams[0], 1, &datagrams), OK); // nothing there: an empty list, never would-block
  EXPECT_NUMBER(datagrams.len, 0);
  CHECK(!readable_within(&pair.streams[0], 1000000));
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], "there", 5), OK);
  EXPECT(await_receive(&pair.streams[1], 0, &datagrams), OK); // ready, and still none is asked for
  EXPECT_NUMBER(datagrams.len, 0);
  EXPECT(receive(&pair.streams[1], UINT64_MAX, &datagrams), OK);
  if (EXPECT_NUMBER(datagrams.len, 1)) {
    CHECK(datagram_is(&datagrams.ptr[0], "there"));
    CHECK(same_address(&datagrams.ptr[0].remote_address, &pair.addresses[0]));
    EXPECT(send_datagram(&pair.streams[1], &datagrams.ptr[0].remote_address, "back", 4), OK);
  }
  EXPECT(await_receive(&pair.streams[0], 1, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "back"));
  drop_pair(&pair);
}

static void empty_datagrams(void) {
  struct pair pair = new_pair(loopback(0));
  udp_list_incoming_datagram_t datagrams;
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], "", 0), OK);
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], "x", 1), OK);
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], "", 0), OK);
  size_t lengths[3] = {9, 9, 9};
  for (int i = 0; i < 3; i++) {
    EXPECT(await_receive(&pair.streams[1], 1, &datagrams), OK);
    if (EXPECT_NUMBER(datagrams.len, 1)) {
      lengths[i] = datagrams.ptr[0].data.len;
      CHECK(same_address(&datagrams.ptr[0].remote_address, &pair.addresses[0]));
    }
  }
  CHECK(lengths[0] == 0 && lengths[1] == 1 && lengths[2] == 0);
  drop_pair(&pair);
}

// A receive answers no more than was asked for, 16, and what fits into 64 KiB (the datagram that passes it included).
static void receive_limits(void) {
  struct pair pair = new_pair(loopback(0));
  udp_list_incoming_datagram_t datagrams;
  udp_outgoing_datagram_t outgoing[16];
  uint64_t sent = 0;
  for (int i = 0; i < 16; i++) outgoing[i] = datagram(&pair.addresses[1], &"0123456789abcdef"[i], 1);
  EXPECT_NUMBER(check_send(&pair.streams[0]), 16);
  EXPECT(send_datagrams(&pair.streams[0], outgoing, 16, &sent), OK);
  EXPECT_NUMBER(sent, 16);
  EXPECT_NUMBER(check_send(&pair.streams[0]), 16); // at once: sending is never in the background here
  EXPECT(send_datagrams(&pair.streams[0], outgoing, 4, &sent), OK);
  EXPECT_NUMBER(sent, 4);
  EXPECT(await_receive(&pair.streams[1], 3, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 3);
  CHECK(datagrams.len == 3 && datagram_is(&datagrams.ptr[2], "2"));
  EXPECT(receive(&pair.streams[1], 1000, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 16);
  CHECK(datagrams.len == 16 && datagram_is(&datagrams.ptr[0], "3") && datagram_is(&datagrams.ptr[15], "2"));
  EXPECT(receive(&pair.streams[1], 1000, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 1);
  EXPECT(receive(&pair.streams[1], 1000, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 0);

  for (int i = 0; i < 4; i++) EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], bytes, 22000), OK);
  arena_reset();
  EXPECT(await_receive(&pair.streams[1], 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 3);
  EXPECT(receive(&pair.streams[1], 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 1);
  arena_reset();
  drop_pair(&pair);
}

static void longest(void) {
  struct pair pair = new_pair(loopback(0));
  udp_list_incoming_datagram_t datagrams;
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31 + (i >> 8));
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], bytes, 65507), OK); // 65535 less the headers of IPv4 and UDP
  EXPECT(await_receive(&pair.streams[1], 1, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagrams.ptr[0].data.len == 65507 && memcmp(datagrams.ptr[0].data.ptr, bytes, 65507) == 0);
  arena_reset();
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], bytes, 65508), DATAGRAM_TOO_LARGE);
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], bytes, 65535), DATAGRAM_TOO_LARGE);
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], bytes, 65536), DATAGRAM_TOO_LARGE);
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], "ok", 2), OK); // none of which hurts the stream
  EXPECT(await_receive(&pair.streams[1], 1, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "ok"));
  drop_pair(&pair);
}

static void destinations(void) {
  struct pair pair = new_pair(loopback(0));
  network_ip_socket_address_t unspecified = loopback(9), no_port = loopback(0), other_family = loopback6(9);
  unspecified.val.ipv4.address = (network_ipv4_address_t){0, 0, 0, 0};
  EXPECT(send_datagram(&pair.streams[0], NULL, "x", 1), INVALID_ARGUMENT);
  EXPECT(send_datagram(&pair.streams[0], &unspecified, "x", 1), INVALID_ARGUMENT);
  EXPECT(send_datagram(&pair.streams[0], &no_port, "x", 1), INVALID_ARGUMENT);
  EXPECT(send_datagram(&pair.streams[0], &other_family, "x", 1), INVALID_ARGUMENT);
  drop_pair(&pair);

  pair = new_pair(loopback6(0));
  network_ip_socket_address_t mapped = loopback6(9);
  mapped.val.ipv6.address = (network_ipv6_address_t){.f5 = 0xffff, .f6 = 0x7f00, .f7 = 1};
  network_ip_socket_address_t v4 = loopback(9);
  EXPECT(send_datagram(&pair.streams[0], &mapped, "x", 1), INVALID_ARGUMENT);
  EXPECT(send_datagram(&pair.streams[0], &v4, "x", 1), INVALID_ARGUMENT);
  drop_pair(&pair);
}

// A list is sent up to the first that fails; the failure is told when it stands first.
static void partly_sent(void) {
  struct pair pair = new_pair(loopback(0));
  network_ip_socket_address_t no_port = loopback(0);
  udp_outgoing_datagram_t list[] = {
    datagram(&pair.addresses[1], "1", 1),
    datagram(&pair.addresses[1], "2", 1),
    datagram(&no_port, "3", 1),
    datagram(&pair.addresses[1], "4", 1),
  };
  uint64_t sent = 99;
  EXPECT(send_datagrams(&pair.streams[0], list, 0, &sent), OK); // an empty list needs no permit
  EXPECT_NUMBER(sent, 0);
  check_send(&pair.streams[0]);
  EXPECT(send_datagrams(&pair.streams[0], list, 4, &sent), OK);
  EXPECT_NUMBER(sent, 2);
  check_send(&pair.streams[0]);
  EXPECT(send_datagrams(&pair.streams[0], list + 2, 2, &sent), INVALID_ARGUMENT);
  check_send(&pair.streams[0]);
  EXPECT(send_datagrams(&pair.streams[0], list + 3, 1, &sent), OK);
  EXPECT_NUMBER(sent, 1);
  EXPECT_NUMBER(receive_some(&pair.streams[1], 3), 3);
  drop_pair(&pair);
}

// Both pollables beside each other: the outgoing one is practically always ready.
static void pollables(void) {
  struct pair pair = new_pair(loopback(0));
  poll_own_pollable_t writable =
    udp_method_outgoing_datagram_stream_subscribe(udp_borrow_outgoing_datagram_stream(pair.streams[0].outgoing));
  poll_own_pollable_t readable =
    udp_method_incoming_datagram_stream_subscribe(udp_borrow_incoming_datagram_stream(pair.streams[1].incoming));
  poll_method_pollable_block(poll_borrow_pollable(writable));
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(readable)));
  EXPECT(send_datagram(&pair.streams[0], &pair.addresses[1], "x", 1), OK);
  poll_method_pollable_block(poll_borrow_pollable(readable));
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(readable))); // level-triggered
  EXPECT_NUMBER(receive_some(&pair.streams[1], 1), 1);
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(readable)));
  poll_pollable_drop_own(writable);
  poll_pollable_drop_own(readable);
  drop_pair(&pair);
}

bool exports_wasi_cli_run_run(void) {
  there_and_back(loopback(0));
  there_and_back(loopback6(0));
  empty_datagrams();
  receive_limits();
  longest();
  destinations();
  partly_sent();
  pollables();
  return finish_checks();
}
