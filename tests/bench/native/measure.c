// Runs a command and tells what it cost: `measure COMMAND ARGS...`. The command's stdout comes first; then one line of JSON
// with wall, user and system time in us, peak resident memory in KiB and the wait status. A small process of its own, as
// ru_maxrss of a child starts at the size of the process that forked it.
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static double microseconds(struct timeval t) { return t.tv_sec * 1e6 + t.tv_usec; }

int main(int argc, char **argv) {
  pid_t pid;
  int status;
  struct rusage usage;
  if (argc < 2)
    return 2;
  double start = now_us();
  int error = posix_spawnp(&pid, argv[1], NULL, NULL, argv + 1, environ);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(error));
    return 1;
  }
  if (wait4(pid, &status, 0, &usage) < 0)
    return 1;
  double wall = now_us() - start;
  printf("\n{\"wallUs\":%.0f,\"userUs\":%.0f,\"systemUs\":%.0f,\"peakKiB\":%ld,\"status\":%d}\n", wall,
         microseconds(usage.ru_utime), microseconds(usage.ru_stime), usage.ru_maxrss,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
