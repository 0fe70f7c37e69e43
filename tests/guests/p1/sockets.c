/*
 * wasi-libc's sockets over wasip1, on a listener that the host opened (descriptor 3): poll, accept, recv with its flags, send,
 * shutdown, errors. Asserts inside; the peer is tests/preview1/libc.test.ts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      printf("line %d: %s (errno %d: %s)\n", __LINE__, #condition, errno, strerror(errno)); \
      exit(1);                                                                          \
    }                                                                                   \
  } while (0)

static long elapsed_ms(const struct timespec *since) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

/* sockets RESOLUTION: what the host's real-time clock counts in, ns. */
int main(int argc, char **argv) {
  char buffer[64];
  struct pollfd fds[2] = {{.fd = 3, .events = POLLIN}};

  /* What the host opened: a stream socket that does not block, as wasmtime handed them in. */
  struct stat stat;
  CHECK(fstat(3, &stat) == 0 && S_ISSOCK(stat.st_mode));
  int type = 0;
  socklen_t length = sizeof type;
  CHECK(getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM);
  CHECK((fcntl(3, F_GETFL) & O_NONBLOCK) != 0);
  CHECK(accept(3, NULL, NULL) == -1 && errno == EAGAIN);

  /* Nobody is there: the wait ends with its time, never early. */
  struct timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  CHECK(poll(fds, 1, 100) == 0 && elapsed_ms(&start) >= 100);
  CHECK(poll(fds, 1, 0) == 0);
  CHECK(clock_getres(CLOCK_REALTIME, &start) == 0 && start.tv_sec == 0 && start.tv_nsec == (argc < 2 ? 1 : atol(argv[1])));

  /* Errors of what is no socket, or no such socket. */
  CHECK(recv(0, buffer, 1, 0) == -1 && errno == ENOTSOCK);
  CHECK(send(1, "x", 1, 0) == -1 && errno == ENOTSOCK);
  CHECK(accept(1, NULL, NULL) == -1 && errno == ENOTSOCK);
  CHECK(shutdown(0, SHUT_RD) == -1 && errno == ENOTSOCK);
  CHECK(recv(99, buffer, 1, 0) == -1 && errno == EBADF);
  CHECK(recv(3, buffer, 1, 0) == -1 && errno == ENOTCONN);
  CHECK(shutdown(3, SHUT_RDWR) == -1 && errno == ENOTCONN);
  CHECK(lseek(3, 0, SEEK_CUR) == -1 && errno == ESPIPE);

  /* In blocking mode accept waits. */
  puts("listening");
  fflush(stdout);
  CHECK(fcntl(3, F_SETFL, 0) == 0 && (fcntl(3, F_GETFL) & O_NONBLOCK) == 0);
  int connection = accept(3, NULL, NULL);
  CHECK(connection >= 0 && (fcntl(connection, F_GETFL) & O_NONBLOCK) == 0);
  CHECK(accept(connection, NULL, NULL) == -1 && errno == EINVAL);
  CHECK(fstat(connection, &stat) == 0 && S_ISSOCK(stat.st_mode));

  /* And so does recv; bytes that were peeked at stay, and keep the socket ready. */
  CHECK(send(connection, "hello", 5, 0) == 5);
  CHECK(recv(connection, buffer, 4, MSG_PEEK) == 4 && memcmp(buffer, "abcd", 4) == 0);
  fds[1] = (struct pollfd){.fd = connection, .events = POLLIN | POLLOUT};
  CHECK(poll(fds, 2, -1) >= 1 && (fds[1].revents & POLLIN) != 0 && (fds[1].revents & POLLOUT) != 0);
  CHECK(recv(connection, buffer, 2, MSG_PEEK) == 2 && memcmp(buffer, "ab", 2) == 0);
  CHECK(recv(connection, buffer, 3, 0) == 3 && memcmp(buffer, "abc", 3) == 0);

  /* MSG_WAITALL waits for all of it, which the peer sends in two pieces. */
  CHECK(send(connection, "rest", 4, 0) == 4);
  CHECK(recv(connection, buffer, 7, MSG_WAITALL) == 7 && memcmp(buffer, "defghij", 7) == 0);

  /* Without blocking, nothing is EAGAIN. */
  CHECK(fcntl(connection, F_SETFL, O_NONBLOCK) == 0);
  CHECK(recv(connection, buffer, 1, 0) == -1 && errno == EAGAIN);
  CHECK(read(connection, buffer, 1) == -1 && errno == EAGAIN);
  CHECK(poll(&fds[1], 1, 0) == 1 && fds[1].revents == POLLOUT);

  /* A slow reader: in the end nothing more is taken, and poll says so. */
  char *block = calloc(1, 65536);
  long sent = 0;
  ssize_t count;
  fds[1].events = POLLOUT;
  do { /* full is not full for good: the kernel moves what it took to the reader's side */
    while ((count = send(connection, block, 65536, 0)) > 0) sent += count;
    CHECK(errno == EAGAIN);
  } while (poll(&fds[1], 1, 0) > 0);
  printf("sent %ld\n", sent);
  fflush(stdout);
  CHECK(poll(&fds[1], 1, -1) == 1 && (fds[1].revents & POLLOUT) != 0);

  /* Half-close: the peer sees the end, and what it still sends arrives. */
  CHECK(shutdown(connection, SHUT_WR) == 0);
  CHECK(send(connection, "x", 1, 0) == -1 && errno == EPIPE);
  CHECK(fcntl(connection, F_SETFL, 0) == 0);
  CHECK(recv(connection, buffer, sizeof buffer, 0) == 4 && memcmp(buffer, "last", 4) == 0);
  CHECK(recv(connection, buffer, sizeof buffer, 0) == 0);

  /* Over in both directions is a hang-up; a peer that has only ended its side still reads. */
  fds[1] = (struct pollfd){.fd = connection, .events = POLLIN};
  CHECK(poll(&fds[1], 1, -1) == 1 && (fds[1].revents & POLLHUP) != 0);

  /* A descriptor that is moved onto another closes that, and leaves its own number. */
  int second = accept(3, NULL, NULL);
  CHECK(second >= 0 && second != connection);
  fds[1] = (struct pollfd){.fd = second, .events = POLLIN};
  CHECK(poll(&fds[1], 1, -1) == 1 && fds[1].revents == POLLIN && recv(second, buffer, 1, 0) == 0);
  CHECK(__wasi_fd_renumber(second, connection) == 0);
  CHECK(send(second, "x", 1, 0) == -1 && errno == EBADF);
  CHECK(send(connection, "done", 4, 0) == 4);
  CHECK(close(connection) == 0 && close(connection) == -1 && errno == EBADF);
  CHECK(close(3) == 0 && accept(3, NULL, NULL) == -1 && errno == EBADF);
  puts("ok");
}
