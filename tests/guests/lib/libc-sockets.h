#pragma once
#include "address.h"
#include "check.h"
#include "guest.h"

// The order in which wasi-libc (libc-bottom-half/sources: tcp.c, udp.c, file_utils.c, poll-wasip2.c, netdb.c) calls WASI for
// the POSIX calls of the same names, for guests that replay programs built on it. Outcomes are error-codes, and these two:

/// A write after the end: EPIPE.
#define NETWORK_ERROR_CODE_EPIPE 254
/// A stream's last-operation-failed: EIO, or what the error says.
#define NETWORK_ERROR_CODE_EIO 253

enum fd_state { UNBOUND, BOUND, CONNECTING, CONNECTED, CONNECT_FAILED, LISTENING };

/// A descriptor of a TCP socket. Pollables are made when they are first needed; `eager`: with what they belong to, as before
/// wasi-libc's descriptors were rewritten in 2025, which mio's selector counts on.
struct fd {
  enum fd_state state;
  bool blocking, eager;
  network_ip_address_family_t family;
  tcp_own_tcp_socket_t socket;
  poll_own_pollable_t socket_pollable;
  streams_own_input_stream_t input;
  poll_own_pollable_t input_pollable;
  streams_own_output_stream_t output;
  poll_own_pollable_t output_pollable;
  uint64_t receive_timeout, send_timeout; // ns; 0: none
  uint8_t connect_error;
};

uint8_t libc_socket(network_ip_address_family_t family, bool blocking, bool eager, struct fd *fd);
uint8_t libc_bind(struct fd *fd, network_ip_socket_address_t address);
uint8_t libc_listen(struct fd *fd, uint64_t backlog);
/// WOULD_BLOCK stands for EINPROGRESS.
uint8_t libc_connect(struct fd *fd, network_ip_socket_address_t address);
/// `peer` may be NULL.
uint8_t libc_accept(struct fd *fd, bool blocking, struct fd *accepted, network_ip_socket_address_t *peer);
uint8_t libc_getsockname(struct fd *fd, network_ip_socket_address_t *address);
uint8_t libc_getpeername(struct fd *fd, network_ip_socket_address_t *address);
/// getsockopt(SO_ERROR): the stored outcome of the connect.
uint8_t libc_so_error(const struct fd *fd);
/// `count` 0 with OK: the end.
uint8_t libc_recv(struct fd *fd, void *bytes, size_t length, size_t *count);
uint8_t libc_send(struct fd *fd, const void *bytes, size_t length, size_t *count);
uint8_t libc_shutdown(struct fd *fd, tcp_shutdown_type_t how);
void libc_close(struct fd *fd);

/// What finish-connect made: the descriptor's streams.
void libc_connected(struct fd *fd, streams_own_input_stream_t input, streams_own_output_stream_t output);
poll_borrow_pollable_t libc_socket_pollable(struct fd *fd);
poll_borrow_pollable_t libc_input_pollable(struct fd *fd);
poll_borrow_pollable_t libc_output_pollable(struct fd *fd);

#define LIBC_POLLIN 1
#define LIBC_POLLOUT 2

struct pollfd {
  struct fd *fd;
  int events, revents;
};

/// `timeout` in ms; negative: for ever. Answers how many have events.
int libc_poll(struct pollfd *fds, size_t count, int timeout);
