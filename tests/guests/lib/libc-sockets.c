#include "libc-sockets.h"

#include <string.h>

#include "arena.h"
#include "streams.h"

static network_error_code_t code;

static network_borrow_network_t network(void) {
  static network_own_network_t network;
  if (network.__handle == 0) network = instance_network_instance_network();
  return network_borrow_network(network);
}

poll_borrow_pollable_t libc_socket_pollable(struct fd *fd) {
  if (fd->socket_pollable.__handle == 0) fd->socket_pollable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(fd->socket));
  return poll_borrow_pollable(fd->socket_pollable);
}

poll_borrow_pollable_t libc_input_pollable(struct fd *fd) {
  if (fd->input_pollable.__handle == 0)
    fd->input_pollable = streams_method_input_stream_subscribe(streams_borrow_input_stream(fd->input));
  return poll_borrow_pollable(fd->input_pollable);
}

poll_borrow_pollable_t libc_output_pollable(struct fd *fd) {
  if (fd->output_pollable.__handle == 0)
    fd->output_pollable = streams_method_output_stream_subscribe(streams_borrow_output_stream(fd->output));
  return poll_borrow_pollable(fd->output_pollable);
}

// tcp.c, tcp_handle_error: answers whether to try again.
static bool waited(struct fd *fd) {
  if (code != NETWORK_ERROR_CODE_WOULD_BLOCK || !fd->blocking) return false;
  poll_method_pollable_block(libc_socket_pollable(fd));
  return true;
}

uint8_t libc_socket(network_ip_address_family_t family, bool blocking, bool eager, struct fd *fd) {
  *fd = (struct fd){.family = family, .blocking = blocking, .eager = eager};
  if (!tcp_create_socket_create_tcp_socket(family, &fd->socket, &code)) return code;
  if (eager) libc_socket_pollable(fd);
  return NETWORK_ERROR_CODE_OK;
}

uint8_t libc_bind(struct fd *fd, network_ip_socket_address_t address) {
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(fd->socket);
  if (!tcp_method_tcp_socket_start_bind(socket, network(), &address, &code)) return code;
  while (!tcp_method_tcp_socket_finish_bind(socket, &code))
    if (!waited(fd)) return code;
  fd->state = BOUND;
  return NETWORK_ERROR_CODE_OK;
}

uint8_t libc_listen(struct fd *fd, uint64_t backlog) {
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(fd->socket);
  if (fd->state == UNBOUND) {
    network_ip_socket_address_t any = {.tag = fd->family == NETWORK_IP_ADDRESS_FAMILY_IPV4 ? NETWORK_IP_SOCKET_ADDRESS_IPV4
                                                                                           : NETWORK_IP_SOCKET_ADDRESS_IPV6};
    uint8_t outcome = libc_bind(fd, any);
    if (outcome != NETWORK_ERROR_CODE_OK) return outcome;
  }
  if (!tcp_method_tcp_socket_set_listen_backlog_size(socket, backlog, &code)) return code;
  if (fd->state == LISTENING) return NETWORK_ERROR_CODE_OK;
  if (!tcp_method_tcp_socket_start_listen(socket, &code)) return code;
  while (!tcp_method_tcp_socket_finish_listen(socket, &code))
    if (!waited(fd)) return code;
  fd->state = LISTENING;
  return NETWORK_ERROR_CODE_OK;
}

void libc_connected(struct fd *fd, streams_own_input_stream_t input, streams_own_output_stream_t output) {
  fd->state = CONNECTED;
  fd->input = input;
  fd->output = output;
  if (!fd->eager) return;
  libc_input_pollable(fd);
  libc_output_pollable(fd);
}

uint8_t libc_connect(struct fd *fd, network_ip_socket_address_t address) {
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(fd->socket);
  if (!tcp_method_tcp_socket_start_connect(socket, network(), &address, &code)) return code;
  fd->state = CONNECTING;
  tcp_tuple2_own_input_stream_own_output_stream_t streams;
  while (!tcp_method_tcp_socket_finish_connect(socket, &streams, &code)) {
    if (waited(fd)) continue;
    if (code == NETWORK_ERROR_CODE_WOULD_BLOCK) return code;
    fd->state = CONNECT_FAILED;
    fd->connect_error = code;
    return code;
  }
  libc_connected(fd, streams.f0, streams.f1);
  return NETWORK_ERROR_CODE_OK;
}

uint8_t libc_accept(struct fd *fd, bool blocking, struct fd *accepted, network_ip_socket_address_t *peer) {
  tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t made;
  while (!tcp_method_tcp_socket_accept(tcp_borrow_tcp_socket(fd->socket), &made, &code))
    if (!waited(fd)) return code;
  *accepted = (struct fd){.family = fd->family, .blocking = blocking, .eager = fd->eager, .socket = made.f0};
  if (accepted->eager) libc_socket_pollable(accepted);
  libc_connected(accepted, made.f1, made.f2);
  if (peer != NULL && !tcp_method_tcp_socket_remote_address(tcp_borrow_tcp_socket(made.f0), peer, &code)) __builtin_trap();
  return NETWORK_ERROR_CODE_OK;
}

uint8_t libc_getsockname(struct fd *fd, network_ip_socket_address_t *address) {
  bool ok = tcp_method_tcp_socket_local_address(tcp_borrow_tcp_socket(fd->socket), address, &code);
  return ok ? NETWORK_ERROR_CODE_OK : code;
}

uint8_t libc_getpeername(struct fd *fd, network_ip_socket_address_t *address) {
  bool ok = tcp_method_tcp_socket_remote_address(tcp_borrow_tcp_socket(fd->socket), address, &code);
  return ok ? NETWORK_ERROR_CODE_OK : code;
}

uint8_t libc_so_error(const struct fd *fd) {
  if (fd->state == CONNECT_FAILED) return fd->connect_error;
  return fd->state == CONNECTING ? NETWORK_ERROR_CODE_WOULD_BLOCK : NETWORK_ERROR_CODE_OK;
}

// file_utils.c, the waiting part of __wasilibc_read and __wasilibc_write. False: the timeout came.
static bool wait_stream(poll_borrow_pollable_t pollable, uint64_t timeout) {
  if (timeout == 0) {
    poll_method_pollable_block(pollable);
    return true;
  }
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(timeout);
  poll_borrow_pollable_t pollables[] = {pollable, poll_borrow_pollable(timer)};
  poll_list_borrow_pollable_t list = {pollables, 2};
  guest_list_u32_t ready;
  poll_poll(&list, &ready);
  poll_pollable_drop_own(timer);
  for (size_t i = 0; i < ready.len; i++)
    if (ready.ptr[i] == 1) return false;
  return true;
}

uint8_t libc_recv(struct fd *fd, void *bytes, size_t length, size_t *count) {
  streams_stream_error_t error;
  for (;;) {
    guest_list_u8_t read;
    arena_reset();
    if (!streams_method_input_stream_read(streams_borrow_input_stream(fd->input), length, &read, &error)) {
      *count = 0;
      if (error.tag == STREAMS_STREAM_ERROR_CLOSED) return NETWORK_ERROR_CODE_OK;
      drop_stream_error(&error);
      return NETWORK_ERROR_CODE_EIO;
    }
    *count = read.len;
    if (length == 0) return NETWORK_ERROR_CODE_OK;
    if (read.len > 0) {
      memcpy(bytes, read.ptr, read.len);
      return NETWORK_ERROR_CODE_OK;
    }
    if (!fd->blocking || !wait_stream(libc_input_pollable(fd), fd->receive_timeout)) return NETWORK_ERROR_CODE_WOULD_BLOCK;
  }
}

static uint8_t write_error(streams_stream_error_t *error) {
  drop_stream_error(error);
  return error->tag == STREAMS_STREAM_ERROR_CLOSED ? NETWORK_ERROR_CODE_EPIPE : NETWORK_ERROR_CODE_EIO;
}

uint8_t libc_send(struct fd *fd, const void *bytes, size_t length, size_t *count) {
  streams_borrow_output_stream_t output = streams_borrow_output_stream(fd->output);
  streams_stream_error_t error;
  for (;;) {
    uint64_t permit;
    if (!streams_method_output_stream_check_write(output, &permit, &error)) return write_error(&error);
    if (permit > 0) {
      guest_list_u8_t contents = {(uint8_t *)bytes, permit < length ? (size_t)permit : length};
      if (!streams_method_output_stream_write(output, &contents, &error)) return write_error(&error);
      if (fd->blocking && !streams_method_output_stream_blocking_flush(output, &error)) return write_error(&error);
      *count = contents.len;
      return NETWORK_ERROR_CODE_OK;
    }
    if (!fd->blocking || !wait_stream(libc_output_pollable(fd), fd->send_timeout)) return NETWORK_ERROR_CODE_WOULD_BLOCK;
  }
}

uint8_t libc_shutdown(struct fd *fd, tcp_shutdown_type_t how) {
  return tcp_method_tcp_socket_shutdown(tcp_borrow_tcp_socket(fd->socket), how, &code) ? NETWORK_ERROR_CODE_OK : code;
}

// tcp.c, tcp_free.
void libc_close(struct fd *fd) {
  if (fd->state == CONNECTED) {
    if (fd->input_pollable.__handle != 0) poll_pollable_drop_own(fd->input_pollable);
    if (fd->output_pollable.__handle != 0) poll_pollable_drop_own(fd->output_pollable);
    streams_input_stream_drop_own(fd->input);
    streams_output_stream_drop_own(fd->output);
  }
  if (fd->socket_pollable.__handle != 0) poll_pollable_drop_own(fd->socket_pollable);
  tcp_tcp_socket_drop_own(fd->socket);
}

static int set_events(struct pollfd *pollfd, int events) {
  int first = events != 0 && pollfd->revents == 0;
  pollfd->revents |= events;
  return first;
}

// tcp.c, tcp_poll_finish: a connect that was under way is finished here.
static int finish_poll(struct pollfd *pollfd, int events) {
  struct fd *fd = pollfd->fd;
  if (fd->state != CONNECTING) return set_events(pollfd, events);
  tcp_tuple2_own_input_stream_own_output_stream_t streams;
  if (tcp_method_tcp_socket_finish_connect(tcp_borrow_tcp_socket(fd->socket), &streams, &code)) {
    libc_connected(fd, streams.f0, streams.f1);
    return set_events(pollfd, events & LIBC_POLLOUT);
  }
  if (code == NETWORK_ERROR_CODE_WOULD_BLOCK) return 0;
  fd->state = CONNECT_FAILED;
  fd->connect_error = code;
  return set_events(pollfd, events);
}

int libc_poll(struct pollfd *fds, size_t count, int timeout) {
  poll_borrow_pollable_t pollables[2 * 64 + 1];
  struct {
    struct pollfd *pollfd;
    int events;
  } which[2 * 64];
  size_t length = 0;
  int ready_now = 0;
  if (count > 64) __builtin_trap();
  for (size_t i = 0; i < count; i++) {
    struct pollfd *pollfd = &fds[i];
    struct fd *fd = pollfd->fd;
    pollfd->revents = 0;
    if (fd->state == CONNECT_FAILED) ready_now += set_events(pollfd, pollfd->events);
    if ((fd->state == CONNECTING && pollfd->events != 0) || (fd->state == LISTENING && (pollfd->events & LIBC_POLLIN) != 0)) {
      which[length].events = fd->state == LISTENING ? LIBC_POLLIN : pollfd->events;
      which[length].pollfd = pollfd;
      pollables[length++] = libc_socket_pollable(fd);
    }
    if (fd->state == CONNECTED && (pollfd->events & LIBC_POLLIN) != 0) {
      which[length].events = LIBC_POLLIN;
      which[length].pollfd = pollfd;
      pollables[length++] = libc_input_pollable(fd);
    }
    if (fd->state == CONNECTED && (pollfd->events & LIBC_POLLOUT) != 0) {
      which[length].events = LIBC_POLLOUT;
      which[length].pollfd = pollfd;
      pollables[length++] = libc_output_pollable(fd);
    }
  }
  if (ready_now > 0 && timeout != 0) return ready_now;
  poll_own_pollable_t timer = {0};
  poll_list_borrow_pollable_t list = {pollables, length};
  if (timeout >= 0) {
    timer = monotonic_clock_subscribe_duration((uint64_t)timeout * 1000000);
    pollables[list.len++] = poll_borrow_pollable(timer);
  }
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&list, &ready);
  int answer = ready_now;
  for (size_t i = 0; i < ready.len; i++)
    if (ready.ptr[i] < length) answer += finish_poll(which[ready.ptr[i]].pollfd, which[ready.ptr[i]].events);
  if (timeout >= 0) poll_pollable_drop_own(timer);
  return answer;
}
