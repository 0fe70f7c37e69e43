/* Does what its arguments say with the fifo /d/fifo, and says of each before it begins and what it came to; `line` waits for one. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fd = -1;
static char buffer[300000];

static long opened(int flags) {
  fd = open("/d/fifo", flags);
  return fd < 0 ? -1 : 0;
}

/* The events, or 0 after so many ms. */
static long polled(short events, int timeout) {
  struct pollfd entry = {.fd = fd, .events = events};
  return poll(&entry, 1, timeout) > 0 ? entry.revents : 0;
}

static long act(const char *what) {
  if (strcmp(what, "open-read") == 0) return opened(O_RDONLY);
  if (strcmp(what, "open-write") == 0) return opened(O_WRONLY);
  if (strcmp(what, "open-both") == 0) return opened(O_RDWR);
  if (strcmp(what, "open-read-nonblock") == 0) return opened(O_RDONLY | O_NONBLOCK);
  if (strcmp(what, "open-write-nonblock") == 0) return opened(O_WRONLY | O_NONBLOCK);
  if (strcmp(what, "nonblock") == 0) return fcntl(fd, F_SETFL, O_NONBLOCK);
  if (strcmp(what, "poll-soon") == 0) return polled(POLLIN, 10);
  if (strcmp(what, "poll-read") == 0) return (polled(POLLIN, 60000) & POLLIN) != 0;
  if (strcmp(what, "poll-write") == 0) return (polled(POLLOUT, 60000) & POLLOUT) != 0;
  if (strcmp(what, "read") == 0) return read(fd, buffer, 100);
  if (strcmp(what, "write") == 0) return write(fd, "hello", 5);
  if (strcmp(what, "write-much") == 0) return write(fd, buffer, sizeof buffer);
  if (strcmp(what, "seek") == 0) return lseek(fd, 0, SEEK_SET);
  if (strcmp(what, "pread") == 0) return pread(fd, buffer, 1, 0);
  if (strcmp(what, "close") == 0) return close(fd);
  return fgets(buffer, sizeof buffer, stdin) == NULL;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 1; i < argc; i++) {
    printf("%s ...\n", argv[i]);
    errno = 0;
    long result = act(argv[i]);
    if (result < 0) printf("%s: %s\n", argv[i], strerror(errno));
    else printf("%s: %ld\n", argv[i], result);
  }
}
