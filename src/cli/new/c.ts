import { ADDRESS, CLIENT, type Template } from "./template.ts";

/** A core module of wasip1, on a socket that the host listens on: any clang with wasi-libc builds it. */
export function c(name: string): Template {
  const file = `${name}.wasm`;
  return {
    language: "C",
    what: "a TCP echo server, on a socket that Pollux opens for it",
    tools: [
      { name: "make", programs: ["make"], from: "of your system" },
      {
        name: "clang with wasi-libc",
        programs: ["clang-19", "clang"],
        from: "wasi-sdk (<https://github.com/WebAssembly/wasi-sdk/releases>, its folder in `WASI_SDK_PATH`), or on Debian `apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32`",
      },
    ],
    build: "make",
    file,
    command: "run",
    options: [`-Stcplisten=${ADDRESS}`],
    client: CLIENT,
    source: "main.c",
    ignored: ["*.wasm"],
    problemMatcher: "$gcc",
    files: {
      Makefile: `# wasi-sdk where WASI_SDK_PATH says that it is, else the system's clang and wasi-libc.
ifdef WASI_SDK_PATH
CC = $(WASI_SDK_PATH)/bin/clang --target=wasm32-wasip1
else
CC = $(shell command -v clang-19 || command -v clang) --target=wasm32-wasi --sysroot=/usr
endif
CFLAGS = -std=c17 -Wall -Wextra -Os

${file}: main.c
	$(CC) $(CFLAGS) $< -o $@

clean:
	rm -f ${file}

.PHONY: clean
`,
      "main.c": `// Greets each client, and sends back what it says. Descriptor 3 is the socket that Pollux listens on (-Stcplisten).
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENER = 3, MOST = 64 };

static struct pollfd fds[MOST] = {{.fd = LISTENER, .events = POLLIN}};
static nfds_t count = 1;

// Returns whether all of it was sent.
static bool say(int client, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = write(client, bytes, length);
    if (sent < 0) return false;
    bytes += sent;
    length -= sent;
  }
  return true;
}

static void greet(void) {
  const char *greeting = "welcome to ${name}\\n";
  int client = accept(LISTENER, NULL, NULL);
  if (client < 0) return; // it is gone
  if (count == MOST || !say(client, greeting, strlen(greeting))) close(client);
  else fds[count++] = (struct pollfd){.fd = client, .events = POLLIN};
}

// Returns whether the client goes on.
static bool echo(int client) {
  char buffer[4096];
  ssize_t length = read(client, buffer, sizeof buffer);
  if (length < 0) return errno == EAGAIN;
  return length > 0 && say(client, buffer, length);
}

int main(void) {
  puts("listening on descriptor 3");
  fflush(stdout);
  while (poll(fds, count, -1) > 0) {
    // From the last one down: one that ends is replaced by the last.
    for (nfds_t i = count; i-- > 0;) {
      if (fds[i].revents == 0) continue;
      if (fds[i].fd == LISTENER) {
        greet();
      } else if (!echo(fds[i].fd)) {
        close(fds[i].fd);
        fds[i] = fds[--count];
      }
    }
  }
  perror("poll");
  return 1;
}
`,
    },
  };
}
