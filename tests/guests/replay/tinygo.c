// TinyGo's netpoll for wasip2: internal/poll/fd_wasip2.go (DialTCPWasip2, ListenTCPWasip2, WasipNFD.Accept, Read, Write, Close)
// and runtime/netpoll_wasip2.go (pollIO in its three timing cases). Each wait subscribes anew and hands the pollable to the
// registry, which drops it when it fires; poll lists are [clock?, the latest wait first].
#include <string.h>

#include "arena.h"
#include "sockets.h"

#define GOROUTINES 12

// pollDesc
struct desc {
  poll_own_pollable_t pollable;
  bool active;
  struct desc *next;
};

static struct desc *active_polls;

static void add_pollable(struct desc *desc, poll_own_pollable_t pollable) {
  *desc = (struct desc){pollable, true, active_polls};
  active_polls = desc;
}

// Unlinks and drops, as every end of a wait does.
static void release(struct desc *desc) {
  struct desc **at = &active_polls;
  while (*at != desc) at = &(*at)->next;
  *at = desc->next;
  desc->active = false;
  poll_pollable_drop_own(desc->pollable);
}

// netpollDone
static void done(struct desc *desc) {
  if (desc->active) release(desc);
}

// pollIO: > 0 waits at most so many ns, 0 asks each pollable whether it is ready, < 0 waits for ever.
static void poll_io(int64_t timeout) {
  if (timeout == 0) {
    for (struct desc *desc = active_polls, *next; desc != NULL; desc = next) {
      next = desc->next;
      if (poll_method_pollable_ready(poll_borrow_pollable(desc->pollable))) release(desc);
    }
    return;
  }
  poll_borrow_pollable_t pollables[GOROUTINES + 1];
  struct desc *descs[GOROUTINES + 1];
  size_t length = 0;
  poll_own_pollable_t clock = {0};
  if (timeout > 0) {
    clock = monotonic_clock_subscribe_duration((uint64_t)timeout);
    descs[length] = NULL;
    pollables[length++] = poll_borrow_pollable(clock);
  }
  for (struct desc *desc = active_polls; desc != NULL; desc = desc->next) {
    descs[length] = desc;
    pollables[length++] = poll_borrow_pollable(desc->pollable);
  }
  poll_list_borrow_pollable_t list = {pollables, length};
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&list, &ready);
  for (size_t i = 0; i < ready.len; i++)
    if (ready.ptr[i] < length && descs[ready.ptr[i]] != NULL) release(descs[ready.ptr[i]]);
  if (timeout > 0) poll_pollable_drop_own(clock);
}

// waitOnPollable in a program of one goroutine.
static void wait_on(poll_own_pollable_t pollable) {
  struct desc desc;
  add_pollable(&desc, pollable);
  while (desc.active) poll_io(-1);
}

// waitOnPollableUntil: the deadline's timer is the scheduler's, so pollIO gets it as its timeout. False: the deadline came.
static bool wait_until(poll_own_pollable_t pollable, uint64_t deadline) {
  struct desc desc;
  uint64_t now = monotonic_clock_now();
  if (now >= deadline) {
    poll_pollable_drop_own(pollable);
    return false;
  }
  add_pollable(&desc, pollable);
  while (desc.active && (now = monotonic_clock_now()) < deadline) poll_io((int64_t)(deadline - now));
  bool fired = !desc.active;
  done(&desc);
  return fired;
}

static poll_own_pollable_t subscribe(tcp_own_tcp_socket_t socket) {
  return tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket));
}

static uint8_t listen_tcp(network_ip_socket_address_t *address, tcp_own_tcp_socket_t *socket) {
  *socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  uint8_t outcome = start_bind(*socket, *address);
  if (outcome != NETWORK_ERROR_CODE_OK) {
    drop_socket(*socket);
    return outcome;
  }
  while ((outcome = finish_bind(*socket)) == NETWORK_ERROR_CODE_WOULD_BLOCK) wait_on(subscribe(*socket));
  EXPECT(outcome, OK);
  EXPECT(start_listen(*socket), OK);
  while ((outcome = finish_listen(*socket)) == NETWORK_ERROR_CODE_WOULD_BLOCK) wait_on(subscribe(*socket));
  EXPECT(outcome, OK);
  return local_address(*socket, address);
}

static uint8_t dial_tcp(network_ip_socket_address_t address, struct connection *connection) {
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_connect(socket, address), OK);
  for (;;) {
    uint8_t outcome = finish_connect(socket, connection);
    if (outcome == NETWORK_ERROR_CODE_OK) return outcome;
    if (outcome != NETWORK_ERROR_CODE_WOULD_BLOCK) {
      drop_socket(socket);
      return outcome;
    }
    wait_on(subscribe(socket));
  }
}

// `deadline` 0: none. TIMEOUT stands for ErrDeadlineExceeded.
static uint8_t accept_until(tcp_own_tcp_socket_t listener, struct connection *connection, uint64_t deadline) {
  for (;;) {
    if (deadline != 0 && monotonic_clock_now() >= deadline) return NETWORK_ERROR_CODE_TIMEOUT;
    uint8_t outcome = accept(listener, connection);
    if (outcome != NETWORK_ERROR_CODE_WOULD_BLOCK) return outcome;
    if (deadline == 0)
      wait_on(subscribe(listener));
    else
      wait_until(subscribe(listener), deadline);
  }
}

// OK with `count` 0: the end. UNKNOWN: the stream failed. `park` NULL: the wait is made here; else it is left to the caller.
static uint8_t read_until(struct connection *connection, void *bytes, size_t length, size_t *count, uint64_t deadline,
                          struct desc *park) {
  streams_borrow_input_stream_t input = streams_borrow_input_stream(connection->input);
  for (;;) {
    guest_list_u8_t data;
    streams_stream_error_t error;
    if (deadline != 0 && monotonic_clock_now() >= deadline) return NETWORK_ERROR_CODE_TIMEOUT;
    arena_reset();
    *count = 0;
    if (!streams_method_input_stream_read(input, length, &data, &error))
      return error.tag == STREAMS_STREAM_ERROR_CLOSED ? NETWORK_ERROR_CODE_OK : NETWORK_ERROR_CODE_UNKNOWN;
    if (data.len > 0) {
      memcpy(bytes, data.ptr, data.len);
      *count = data.len;
      return NETWORK_ERROR_CODE_OK;
    }
    if (park != NULL) {
      add_pollable(park, streams_method_input_stream_subscribe(input));
      return NETWORK_ERROR_CODE_WOULD_BLOCK;
    }
    if (deadline == 0)
      wait_on(streams_method_input_stream_subscribe(input));
    else
      wait_until(streams_method_input_stream_subscribe(input), deadline);
  }
}

static uint8_t write_until(struct connection *connection, const uint8_t *bytes, size_t length, uint64_t deadline) {
  streams_borrow_output_stream_t output = streams_borrow_output_stream(connection->output);
  streams_stream_error_t error;
  for (size_t done = 0; done < length;) {
    uint64_t permit;
    if (deadline != 0 && monotonic_clock_now() >= deadline) return NETWORK_ERROR_CODE_TIMEOUT;
    if (!streams_method_output_stream_check_write(output, &permit, &error)) return NETWORK_ERROR_CODE_UNKNOWN;
    if (permit == 0) {
      if (deadline == 0)
        wait_on(streams_method_output_stream_subscribe(output));
      else
        wait_until(streams_method_output_stream_subscribe(output), deadline);
      continue;
    }
    size_t chunk = length - done < permit ? length - done : (size_t)permit;
    guest_list_u8_t contents = {(uint8_t *)bytes + done, chunk};
    if (!streams_method_output_stream_write(output, &contents, &error)) return NETWORK_ERROR_CODE_UNKNOWN;
    done += chunk;
  }
  return NETWORK_ERROR_CODE_OK;
}

static void deadlines(tcp_own_tcp_socket_t listener, network_ip_socket_address_t address) {
  static uint8_t flood[1 << 20];
  struct connection client, server, nobody;
  size_t count;
  char bytes[16];
  uint64_t before = monotonic_clock_now();
  EXPECT(accept_until(listener, &nobody, before + 20000000), TIMEOUT);
  CHECK(monotonic_clock_now() - before >= 20000000);
  EXPECT(accept_until(listener, &nobody, before), TIMEOUT); // passed: not even tried

  EXPECT(dial_tcp(address, &client), OK);
  EXPECT(accept_until(listener, &server, 0), OK);
  EXPECT(read_until(&server, bytes, sizeof bytes, &count, monotonic_clock_now() + 10000000, NULL), TIMEOUT);
  // A peer that reads nothing: what fits is written, some of it before there is a deadline, then that comes.
  uint8_t outcome = write_until(&server, flood, 65536, 0);
  uint64_t deadline = monotonic_clock_now() + 300000000;
  while (outcome == NETWORK_ERROR_CODE_OK) outcome = write_until(&server, flood, sizeof flood, deadline);
  EXPECT(outcome, TIMEOUT);
  // All of it is there for the peer, who must read before the server's stream can be dropped.
  size_t total = 0;
  static uint8_t sink[65536];
  while (total < 65536) {
    EXPECT(read_until(&client, sink, sizeof sink, &count, 0, NULL), OK);
    total += count;
  }
  drop_connection(&client);
  drop_connection(&server);
}

// Goroutines that all read, parked in one poll beside a ticker: each is woken by its own peer alone.
static void parked_readers(tcp_own_tcp_socket_t listener, network_ip_socket_address_t address) {
  static struct connection clients[GOROUTINES], servers[GOROUTINES];
  static struct desc parked[GOROUTINES];
  size_t count;
  char byte;
  for (size_t i = 0; i < GOROUTINES; i++) {
    EXPECT(dial_tcp(address, &clients[i]), OK);
    EXPECT(accept_until(listener, &servers[i], 0), OK);
    EXPECT(read_until(&servers[i], &byte, 1, &count, 0, &parked[i]), WOULD_BLOCK);
  }
  poll_io(0);
  for (size_t i = 0; i < GOROUTINES; i++) CHECK(parked[i].active);
  poll_io(5000000); // the ticker alone
  for (size_t i = 0; i < GOROUTINES; i++) CHECK(parked[i].active);
  for (size_t i = 0; i < GOROUTINES; i++) {
    size_t chosen = (i * 5 + 3) % GOROUTINES;
    uint8_t sent = (uint8_t)chosen;
    EXPECT(write_until(&clients[chosen], &sent, 1, 0), OK);
    while (parked[chosen].active) poll_io(i % 2 == 0 ? -1 : 1000000000);
    size_t still = 0;
    for (size_t other = 0; other < GOROUTINES; other++) still += parked[other].active;
    EXPECT_NUMBER(still, GOROUTINES - 1);
    EXPECT(read_until(&servers[chosen], &byte, 1, &count, 0, NULL), OK);
    CHECK(count == 1 && byte == (char)chosen);
    EXPECT(read_until(&servers[chosen], &byte, 1, &count, 0, &parked[chosen]), WOULD_BLOCK);
  }
  // Every client closes: every reader gets the end in some round of a poll without waiting.
  for (size_t i = 0; i < GOROUTINES; i++) drop_connection(&clients[i]);
  while (active_polls != NULL) poll_io(-1);
  for (size_t i = 0; i < GOROUTINES; i++) {
    EXPECT(read_until(&servers[i], &byte, 1, &count, 0, NULL), OK);
    EXPECT_NUMBER(count, 0);
    drop_connection(&servers[i]);
  }
}

bool exports_wasi_cli_run_run(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener, second;
  struct connection nobody;
  EXPECT(listen_tcp(&address, &listener), OK);
  network_ip_socket_address_t taken = address;
  EXPECT(listen_tcp(&taken, &second), ADDRESS_IN_USE);
  parked_readers(listener, address);
  deadlines(listener, address);
  drop_socket(listener);
  EXPECT(dial_tcp(address, &nobody), CONNECTION_REFUSED);
  return finish_checks();
}
