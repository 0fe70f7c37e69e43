/* Sends to its one client, on the listener that the host opened (descriptor 3), until no more is taken, says how much was, and exits. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  static char block[65536];
  fcntl(3, F_SETFL, 0);
  int connection = accept(3, NULL, NULL);
  fcntl(connection, F_SETFL, O_NONBLOCK);
  long sum = 0;
  for (ssize_t sent; (sent = send(connection, block, sizeof block, 0)) > 0;) sum += sent;
  printf("sent %ld\n", sum);
}
