#include "error-code.h"

static const char *const names[] = {
  "unknown",
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "invalid-state",
  "new-socket-limit",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
};

const char *error_code_name(network_error_code_t code) {
  return code < sizeof names / sizeof *names ? names[code] : "out of range";
}
