// stream(some): a peer, its filter, other peers after it, none again.
#include "datagrams.h"

static udp_own_udp_socket_t sockets[3];
static network_ip_socket_address_t addresses[3];

static void new_sockets(network_ip_socket_address_t address) {
  for (int i = 0; i < 3; i++) {
    addresses[i] = address;
    sockets[i] = new_bound_udp_socket(&addresses[i]);
  }
}

static void drop_sockets(void) {
  for (int i = 0; i < 3; i++) drop_udp_socket(sockets[i]);
}

static void refused_peers(network_ip_socket_address_t address) {
  new_sockets(address);
  network_ip_socket_address_t no_port = addresses[1], unspecified = addresses[1], remote;
  struct datagram_streams streams;
  if (address.tag == NETWORK_IP_SOCKET_ADDRESS_IPV4) {
    no_port.val.ipv4.port = 0;
    unspecified.val.ipv4.address = (network_ipv4_address_t){0, 0, 0, 0};
  } else {
    no_port.val.ipv6.port = 0;
    unspecified.val.ipv6.address = (network_ipv6_address_t){0};
  }
  network_ip_socket_address_t other = address.tag == NETWORK_IP_SOCKET_ADDRESS_IPV4 ? loopback6(9) : loopback(9);
  EXPECT(udp_stream(sockets[0], &no_port, &streams), INVALID_ARGUMENT);
  EXPECT(udp_stream(sockets[0], &unspecified, &streams), INVALID_ARGUMENT);
  EXPECT(udp_stream(sockets[0], &other, &streams), INVALID_ARGUMENT);
  EXPECT(udp_remote_address(sockets[0], &remote), INVALID_STATE);
  EXPECT(udp_stream(sockets[0], &addresses[1], &streams), OK); // a refusal leaves nothing behind
  drop_datagram_streams(&streams);
  drop_sockets();
}

static void one_peer(network_ip_socket_address_t address) {
  new_sockets(address);
  struct datagram_streams streams, peer, stranger;
  udp_list_incoming_datagram_t datagrams;
  network_ip_socket_address_t remote = {0}, local = {0};
  EXPECT(udp_stream(sockets[1], NULL, &peer), OK);
  EXPECT(udp_stream(sockets[2], NULL, &stranger), OK);

  // What a stranger sent before the connect is dropped too.
  EXPECT(send_datagram(&stranger, &addresses[0], "early", 5), OK);
  EXPECT(udp_stream(sockets[0], &addresses[1], &streams), OK);
  EXPECT(udp_remote_address(sockets[0], &remote), OK);
  CHECK(same_address(&remote, &addresses[1]));
  EXPECT(udp_local_address(sockets[0], &local), OK);
  CHECK(same_address(&local, &addresses[0]));
  EXPECT(udp_start_bind(sockets[0], address), INVALID_STATE);
  EXPECT(send_datagram(&stranger, &addresses[0], "late", 4), OK);
  CHECK(!readable_within(&streams, 20000000)); // readiness is exact
  EXPECT(receive(&streams, 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 0);

  EXPECT(send_datagram(&streams, NULL, "to the peer", 11), OK);
  EXPECT(await_receive(&peer, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "to the peer"));
  CHECK(datagrams.len == 1 && same_address(&datagrams.ptr[0].remote_address, &addresses[0]));
  EXPECT(send_datagram(&streams, &addresses[1], "by its name", 11), OK);
  EXPECT(await_receive(&peer, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "by its name"));
  EXPECT(send_datagram(&streams, &addresses[2], "x", 1), INVALID_ARGUMENT); // another address
  EXPECT(send_datagram(&peer, &addresses[0], "answer", 6), OK);
  EXPECT(await_receive(&streams, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "answer"));

  drop_datagram_streams(&streams);
  drop_datagram_streams(&peer);
  drop_datagram_streams(&stranger);
  drop_sockets();
}

static void another_peer_then_none(network_ip_socket_address_t address) {
  new_sockets(address);
  // A port that the kernel chose may be gone after the disconnect; one that was asked for by number stays.
  drop_udp_socket(sockets[0]);
  sockets[0] = new_bound_udp_socket(&addresses[0]);
  struct datagram_streams streams, first, second;
  udp_list_incoming_datagram_t datagrams;
  network_ip_socket_address_t remote = {0}, local = {0};
  EXPECT(udp_stream(sockets[1], NULL, &first), OK);
  EXPECT(udp_stream(sockets[2], NULL, &second), OK);
  EXPECT(udp_stream(sockets[0], &addresses[1], &streams), OK);
  drop_datagram_streams(&streams);
  EXPECT(udp_remote_address(sockets[0], &remote), OK); // the association outlives the streams

  EXPECT(udp_stream(sockets[0], &addresses[2], &streams), OK);
  EXPECT(udp_remote_address(sockets[0], &remote), OK);
  CHECK(same_address(&remote, &addresses[2]));
  EXPECT(send_datagram(&streams, NULL, "second", 6), OK);
  EXPECT(await_receive(&second, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "second"));
  EXPECT(send_datagram(&first, &addresses[0], "x", 1), OK);
  CHECK(!readable_within(&streams, 20000000));
  EXPECT(receive(&streams, 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 0);
  drop_datagram_streams(&streams);

  EXPECT(udp_stream(sockets[0], NULL, &streams), OK);
  EXPECT(udp_remote_address(sockets[0], &remote), INVALID_STATE);
  EXPECT(udp_local_address(sockets[0], &local), OK);
  EXPECT(send_datagram(&streams, NULL, "x", 1), INVALID_ARGUMENT);
  EXPECT(send_datagram(&streams, &addresses[1], "anyone", 6), OK);
  EXPECT(await_receive(&first, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "anyone"));
  CHECK(datagrams.len == 1 && same_address(&datagrams.ptr[0].remote_address, &addresses[0]));
  EXPECT(send_datagram(&first, &addresses[0], "one", 3), OK);
  EXPECT(await_receive(&streams, 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 1);
  EXPECT(send_datagram(&second, &addresses[0], "two", 3), OK);
  EXPECT(await_receive(&streams, 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 1);
  drop_datagram_streams(&streams);
  drop_datagram_streams(&first);
  drop_datagram_streams(&second);
  drop_sockets();
}

// A socket bound to the wildcard gets an address with its peer.
static void wildcard(void) {
  network_ip_socket_address_t any = loopback(0), peer = loopback(0), local = {0};
  any.val.ipv4.address = (network_ipv4_address_t){0, 0, 0, 0};
  udp_own_udp_socket_t socket = new_bound_udp_socket(&any), other = new_bound_udp_socket(&peer);
  struct datagram_streams streams;
  EXPECT(udp_stream(socket, &peer, &streams), OK);
  EXPECT(udp_local_address(socket, &local), OK);
  EXPECT_NUMBER(local.val.ipv4.address.f0, 127);
  drop_datagram_streams(&streams);
  EXPECT(udp_stream(socket, NULL, &streams), OK);
  EXPECT(udp_local_address(socket, &local), OK);
  EXPECT_NUMBER(local.val.ipv4.address.f0, 0);
  drop_datagram_streams(&streams);
  drop_udp_socket(socket);
  drop_udp_socket(other);
}

bool exports_wasi_cli_run_run(void) {
  for (int i = 0; i < 2; i++) {
    network_ip_socket_address_t address = i == 0 ? loopback(0) : loopback6(0);
    refused_peers(address);
    one_peer(address);
    another_peer_then_none(address);
  }
  wildcard();
  return finish_checks();
}
