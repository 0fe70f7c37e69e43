// names [denied]: ip-name-lookup, allowed or not. `localhost` must resolve.
#include <string.h>

#include "arguments.h"
#include "datagrams.h"
#include "sockets.h"

#define LOOKUPS 40

static network_error_code_t code;

static uint8_t resolve(const char *name, ip_name_lookup_own_resolve_address_stream_t *stream) {
  guest_string_t string = {(uint8_t *)name, strlen(name)};
  network_own_network_t network = instance_network_instance_network();
  bool ok = ip_name_lookup_resolve_addresses(network_borrow_network(network), &string, stream, &code);
  network_network_drop_own(network); // the stream is no child of it
  return ok ? NETWORK_ERROR_CODE_OK : code;
}

static uint8_t next(ip_name_lookup_own_resolve_address_stream_t stream, ip_name_lookup_option_ip_address_t *address) {
  return ip_name_lookup_method_resolve_address_stream_resolve_next_address(
           ip_name_lookup_borrow_resolve_address_stream(stream), address, &code)
           ? NETWORK_ERROR_CODE_OK
           : code;
}

static poll_own_pollable_t subscribe(ip_name_lookup_own_resolve_address_stream_t stream) {
  return ip_name_lookup_method_resolve_address_stream_subscribe(ip_name_lookup_borrow_resolve_address_stream(stream));
}

static uint8_t await_next(ip_name_lookup_own_resolve_address_stream_t stream, ip_name_lookup_option_ip_address_t *address) {
  poll_own_pollable_t answered = subscribe(stream);
  poll_method_pollable_block(poll_borrow_pollable(answered));
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(answered)));
  poll_pollable_drop_own(answered);
  return next(stream, address);
}

static bool is_loopback(const network_ip_address_t *address) {
  if (address->tag == NETWORK_IP_ADDRESS_IPV4) return address->val.ipv4.f0 == 127;
  const uint16_t *groups = &address->val.ipv6.f0;
  for (int i = 0; i < 7; i++)
    if (groups[i] != 0) return false;
  return groups[7] == 1;
}

static const struct {
  const char *name;
  bool v6;
} loopback_literals[] = {
  {"127.0.0.1", false},  {"127.1", false},  {"127.0.1", false},     {"0x7f.1", false},           {"0177.0.0.1", false},
  {"2130706433", false}, {"0x7f000001", false}, {"127.0.0.1.", false}, {"%31%32%37.0.0.1", false}, {"::1", true},
  {"[::1]", true},       {"0:0::1", true},
};

static const char *const invalid[] = {
  "",
  " ",
  "a b",
  "a.b<&>",
  "a%00b",
  "a%2fb",
  "127.0.0.1:80",
  "[::]:80",
  "[::1",
  "::1]",
  "[127.0.0.1]",
  "http://example.com/",
  "xn--a", // no punycode
  "a.xn--zzzzzz-.invalid",
  "xn--ss", // of ASCII
  "example.com/",
  "user@example.com",
  "1.2.3.4.5",
  "256.1.1.1",
  "1.2.3.0x100",
  "fe80::1%1",
  "a\\b",
  "a^b",
  "a|b",
};

// One address, at once: no resolver is asked.
static void literals(void) {
  for (size_t i = 0; i < sizeof loopback_literals / sizeof *loopback_literals; i++) {
    const char *name = loopback_literals[i].name;
    ip_name_lookup_own_resolve_address_stream_t stream;
    ip_name_lookup_option_ip_address_t address = {0};
    if (!check(resolve(name, &stream) == NETWORK_ERROR_CODE_OK, __FILE__, __LINE__, name)) continue;
    check(next(stream, &address) == NETWORK_ERROR_CODE_OK && address.is_some && is_loopback(&address.val), __FILE__, __LINE__,
          name);
    check(address.val.tag == (loopback_literals[i].v6 ? NETWORK_IP_ADDRESS_IPV6 : NETWORK_IP_ADDRESS_IPV4), __FILE__, __LINE__,
          name);
    for (int again = 0; again < 3; again++) {
      EXPECT(next(stream, &address), OK);
      CHECK(!address.is_some);
    }
    poll_own_pollable_t answered = subscribe(stream);
    CHECK(poll_method_pollable_ready(poll_borrow_pollable(answered)));
    poll_pollable_drop_own(answered);
    ip_name_lookup_resolve_address_stream_drop_own(stream);
  }
}

static void invalid_names(void) {
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
    ip_name_lookup_own_resolve_address_stream_t stream;
    check(resolve(invalid[i], &stream) == NETWORK_ERROR_CODE_INVALID_ARGUMENT, __FILE__, __LINE__, invalid[i]);
  }
}

static void localhost(const char *name) {
  ip_name_lookup_own_resolve_address_stream_t stream;
  ip_name_lookup_option_ip_address_t address = {0};
  EXPECT(resolve(name, &stream), OK);
  EXPECT(await_next(stream, &address), OK);
  size_t count = 0;
  for (; address.is_some; count++) {
    CHECK(is_loopback(&address.val));
    EXPECT(next(stream, &address), OK);
  }
  CHECK(count > 0);
  EXPECT(next(stream, &address), OK); // none, for ever
  CHECK(!address.is_some);
  ip_name_lookup_resolve_address_stream_drop_own(stream);
}

// Names that are well formed and are nobody's (RFC 6761): the failure is told every time.
static void unresolvable(const char *name) {
  ip_name_lookup_own_resolve_address_stream_t stream;
  ip_name_lookup_option_ip_address_t address;
  EXPECT(resolve(name, &stream), OK);
  EXPECT(await_next(stream, &address), NAME_UNRESOLVABLE);
  EXPECT(next(stream, &address), NAME_UNRESOLVABLE);
  EXPECT(await_next(stream, &address), NAME_UNRESOLVABLE);
  ip_name_lookup_resolve_address_stream_drop_own(stream);
}

static void dropped_while_pending(void) {
  for (int i = 0; i < 10; i++) {
    ip_name_lookup_own_resolve_address_stream_t stream;
    EXPECT(resolve("localhost", &stream), OK);
    ip_name_lookup_resolve_address_stream_drop_own(stream);
  }
}

// Look-ups, a timer and a socket in one list, while the socket's peer is served.
static void beside_other_work(void) {
  static ip_name_lookup_own_resolve_address_stream_t streams[LOOKUPS];
  static poll_own_pollable_t answered[LOOKUPS];
  network_ip_socket_address_t from = loopback(0), to = loopback(0);
  udp_own_udp_socket_t source = new_bound_udp_socket(&from), sink = new_bound_udp_socket(&to);
  struct datagram_streams out, in;
  EXPECT(udp_stream(source, NULL, &out), OK);
  EXPECT(udp_stream(sink, NULL, &in), OK);
  for (size_t i = 0; i < LOOKUPS; i++) {
    EXPECT(resolve("localhost", &streams[i]), OK);
    answered[i] = subscribe(streams[i]);
  }
  poll_own_pollable_t readable =
    udp_method_incoming_datagram_stream_subscribe(udp_borrow_incoming_datagram_stream(in.incoming));
  size_t waiting = LOOKUPS, echoed = 0;
  bool done[LOOKUPS] = {false};
  while (waiting > 0 || echoed < 100) {
    poll_borrow_pollable_t pollables[LOOKUPS + 2];
    size_t which[LOOKUPS + 2], count = 0;
    for (size_t i = 0; i < LOOKUPS; i++) {
      if (done[i]) continue;
      which[count] = i;
      pollables[count++] = poll_borrow_pollable(answered[i]);
    }
    poll_own_pollable_t timer = monotonic_clock_subscribe_duration(10000000);
    which[count] = LOOKUPS;
    pollables[count++] = poll_borrow_pollable(readable);
    which[count] = LOOKUPS + 1;
    pollables[count++] = poll_borrow_pollable(timer);
    if (echoed < 100) EXPECT(send_datagram(&out, &to, "x", 1), OK);
    poll_list_borrow_pollable_t list = {pollables, count};
    guest_list_u32_t ready;
    poll_poll(&list, &ready);
    for (size_t i = 0; i < ready.len; i++) {
      size_t index = which[ready.ptr[i]];
      if (index == LOOKUPS + 1) continue;
      if (index == LOOKUPS) {
        udp_list_incoming_datagram_t datagrams;
        EXPECT(receive(&in, 16, &datagrams), OK);
        CHECK(datagrams.len > 0);
        echoed += datagrams.len;
        continue;
      }
      ip_name_lookup_option_ip_address_t address = {0};
      EXPECT(next(streams[index], &address), OK);
      CHECK(address.is_some && is_loopback(&address.val));
      done[index] = true;
      waiting--;
    }
    poll_pollable_drop_own(timer);
  }
  poll_pollable_drop_own(readable);
  for (size_t i = 0; i < LOOKUPS; i++) {
    poll_pollable_drop_own(answered[i]);
    ip_name_lookup_resolve_address_stream_drop_own(streams[i]);
  }
  drop_datagram_streams(&out);
  drop_datagram_streams(&in);
  drop_udp_socket(source);
  drop_udp_socket(sink);
}

// Without -S allow-ip-name-lookup everything is refused, even what needs no look-up and what is no name.
static void denied(void) {
  ip_name_lookup_own_resolve_address_stream_t stream;
  EXPECT(resolve("localhost", &stream), PERMANENT_RESOLVER_FAILURE);
  EXPECT(resolve("127.0.0.1", &stream), PERMANENT_RESOLVER_FAILURE);
  EXPECT(resolve("", &stream), PERMANENT_RESOLVER_FAILURE);
  EXPECT(resolve("a b", &stream), PERMANENT_RESOLVER_FAILURE);
}

bool exports_wasi_cli_run_run(void) {
  if (argument_is(1, "denied")) {
    denied();
    return finish_checks();
  }
  literals();
  invalid_names();
  localhost("localhost");
  localhost("LocalHost");
  localhost("%6cocalhost");
  unresolvable("nobody.invalid");
  unresolvable("m\xc3\xbcnchen.invalid"); // IDNA: xn--mnchen-3ya.invalid
  unresolvable("\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x82invalid"); // an ideographic full stop separates labels too
  dropped_while_pending();
  beside_other_work();
  return finish_checks();
}
