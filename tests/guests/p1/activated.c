/*
 * What a service manager has handed over: prints what the environment says of it and how many sockets there are, then tells one
 * client of each its descriptor. The parent is tests/e2e/listenfd.test.ts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? "none" : value;
}

int main(void) {
  struct stat stat;
  int sockets = 0;
  while (fstat(3 + sockets, &stat) == 0 && S_ISSOCK(stat.st_mode)) sockets++;
  printf("%d sockets, LISTEN_FDS %s, LISTEN_FDNAMES %s, LISTEN_PID %s\n", sockets, variable("LISTEN_FDS"),
         variable("LISTEN_FDNAMES"), variable("LISTEN_PID"));
  fflush(stdout);
  for (int fd = 3; fd < 3 + sockets; fd++) {
    char text[32];
    snprintf(text, sizeof text, "descriptor %d", fd);
    fcntl(fd, F_SETFL, 0);
    int connection = accept(fd, NULL, NULL);
    send(connection, text, strlen(text), 0);
    close(connection);
  }
}
