// scope ADDRESS SCOPE: a link-local address of this machine, `[fe80::1]:0`, and the number of its interface.
#include "arguments.h"
#include "datagrams.h"
#include "sockets.h"

static network_ip_socket_address_t here;

static network_ip_socket_address_t scoped(network_ip_socket_address_t address, uint32_t scope) {
  address.val.ipv6.scope_id = scope;
  return address;
}

static void tcp(uint32_t scope) {
  network_ip_socket_address_t address = here, local = {0}, remote = {0};
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV6);
  EXPECT(start_bind(socket, scoped(here, 0)), INVALID_ARGUMENT); // of which interface?
  EXPECT(start_bind(socket, scoped(here, 1)), ADDRESS_NOT_BINDABLE); // not of the loopback's
  drop_socket(socket);

  tcp_own_tcp_socket_t listener = new_listener(&address);
  EXPECT_NUMBER(address.val.ipv6.scope_id, scope);
  struct connection client, server;
  socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV6);
  EXPECT(start_connect(socket, scoped(address, 0)), OK);
  EXPECT(await_connect(socket, &client), INVALID_ARGUMENT);
  drop_socket(socket);
  socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV6);
  EXPECT(start_connect(socket, address), OK);
  if (EXPECT(await_connect(socket, &client), OK) && EXPECT(await_accept(listener, &server), OK)) {
    EXPECT(remote_address(client.socket, &remote), OK);
    EXPECT_NUMBER(remote.val.ipv6.scope_id, scope);
    EXPECT(local_address(client.socket, &local), OK);
    EXPECT_NUMBER(local.val.ipv6.scope_id, scope);
    EXPECT(remote_address(server.socket, &remote), OK);
    EXPECT_NUMBER(remote.val.ipv6.scope_id, scope);
    EXPECT_NUMBER(port_of(&remote), port_of(&local));
    drop_connection(&client);
    drop_connection(&server);
  }
  drop_socket(listener);
}

static void udp(uint32_t scope) {
  network_ip_socket_address_t addresses[2] = {here, here}, remote = {0};
  udp_own_udp_socket_t sockets[2] = {new_bound_udp_socket(&addresses[0]), new_bound_udp_socket(&addresses[1])};
  struct datagram_streams one, other;
  udp_list_incoming_datagram_t datagrams;
  EXPECT(udp_stream(sockets[0], &addresses[1], &one), OK);
  EXPECT(udp_stream(sockets[1], NULL, &other), OK);
  EXPECT(udp_remote_address(sockets[0], &remote), OK);
  EXPECT_NUMBER(remote.val.ipv6.scope_id, scope);
  network_ip_socket_address_t unscoped = scoped(addresses[1], 0);
  EXPECT(send_datagram(&one, &unscoped, "x", 1), INVALID_ARGUMENT); // another address than the peer's
  EXPECT(send_datagram(&one, &addresses[1], "there", 5), OK);
  EXPECT(await_receive(&other, 1, &datagrams), OK);
  if (EXPECT_NUMBER(datagrams.len, 1)) {
    CHECK(datagram_is(&datagrams.ptr[0], "there"));
    EXPECT_NUMBER(datagrams.ptr[0].remote_address.val.ipv6.scope_id, scope);
    EXPECT(send_datagram(&other, &datagrams.ptr[0].remote_address, "back", 4), OK);
  }
  EXPECT(await_receive(&one, 1, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "back"));
  drop_datagram_streams(&one);
  drop_datagram_streams(&other);
  for (int i = 0; i < 2; i++) drop_udp_socket(sockets[i]);
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t argv = arguments();
  if (argv.len < 3 || !parse_address((char *)argv.ptr[1].ptr, argv.ptr[1].len, &here)) return false;
  uint32_t scope = (uint32_t)argument_number(2, 0);
  here.val.ipv6.scope_id = scope;
  tcp(scope);
  udp(scope);
  return finish_checks();
}
