/* Opens /file until that fails, says why, and then that it can be opened again when one was closed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  int last = -1;
  for (int fd; (fd = open("/file", O_RDONLY)) >= 0;) last = fd;
  puts(strerror(errno));
  if (last < 0 || close(last) != 0 || open("/file", O_RDONLY) < 0) return 1;
  puts("again");
}
