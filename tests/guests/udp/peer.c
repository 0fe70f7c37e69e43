// What remote-address answers: the peer as the kernel has it, also after a connect that failed.
#include "datagrams.h"

static udp_own_udp_socket_t sockets[2];
static network_ip_socket_address_t addresses[2];

static void new_sockets(network_ip_socket_address_t address) {
  for (int i = 0; i < 2; i++) {
    addresses[i] = address;
    sockets[i] = new_bound_udp_socket(&addresses[i]);
  }
}

static void drop_sockets(void) {
  for (int i = 0; i < 2; i++) drop_udp_socket(sockets[i]);
}

// A peer that cannot be had from this address: the kernel then has no peer any more, or still the old one, and the guest is told.
static void another_peer_that_fails(void) {
  new_sockets(loopback(0));
  network_ip_socket_address_t far = loopback(9), remote = {0};
  far.val.ipv4.address = (network_ipv4_address_t){192, 0, 2, 1}; // TEST-NET-1
  struct datagram_streams streams;
  EXPECT(udp_stream(sockets[0], &addresses[1], &streams), OK);
  drop_datagram_streams(&streams);
  uint8_t outcome = udp_stream(sockets[0], &far, &streams);
  if (outcome == NETWORK_ERROR_CODE_INVALID_ARGUMENT) {
    EXPECT(udp_remote_address(sockets[0], &remote), INVALID_STATE); // dissolved on the way to another route
  } else {
    EXPECT(outcome, REMOTE_UNREACHABLE); // no route at all
    EXPECT(udp_remote_address(sockets[0], &remote), OK);
    CHECK(same_address(&remote, &addresses[1]));
    if (outcome == NETWORK_ERROR_CODE_OK) drop_datagram_streams(&streams);
  }
  EXPECT(udp_stream(sockets[0], NULL, &streams), OK);
  EXPECT(send_datagram(&streams, NULL, "x", 1), INVALID_ARGUMENT);
  EXPECT(send_datagram(&streams, &addresses[1], "x", 1), OK);
  drop_datagram_streams(&streams);
  drop_sockets();
}

// The peer is what the kernel makes of it, scope and flow included: of ::1 it keeps neither.
static void scope_and_flow(void) {
  new_sockets(loopback6(0));
  network_ip_socket_address_t named = addresses[1], remote = {0};
  named.val.ipv6.scope_id = 1;
  named.val.ipv6.flow_info = 9;
  struct datagram_streams streams, peer;
  udp_list_incoming_datagram_t datagrams;
  EXPECT(udp_stream(sockets[1], NULL, &peer), OK);
  EXPECT(udp_stream(sockets[0], &named, &streams), OK);
  EXPECT(udp_remote_address(sockets[0], &remote), OK);
  EXPECT_NUMBER(remote.val.ipv6.scope_id, 0);
  EXPECT_NUMBER(remote.val.ipv6.flow_info, 0);
  EXPECT(send_datagram(&streams, &named, "x", 1), INVALID_ARGUMENT); // not the peer's address any more
  EXPECT(send_datagram(&streams, &remote, "as told", 7), OK);
  EXPECT(await_receive(&peer, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "as told"));
  EXPECT(send_datagram(&peer, &addresses[0], "back", 4), OK);
  EXPECT(await_receive(&streams, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "back"));
  drop_datagram_streams(&streams);
  drop_datagram_streams(&peer);
  drop_sockets();
}

bool exports_wasi_cli_run_run(void) {
  another_peer_that_fails();
  scope_and_flow();
  return finish_checks();
}
