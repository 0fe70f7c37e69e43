// cpu [ROUNDS]: integer arithmetic over 256 KiB of memory in one long call, without a call to the host; prints a checksum.
#include "arguments.h"
#include "guest.h"
#include "text.h"

#define WORDS 65536
static uint32_t words[WORDS];

static uint32_t mix(uint32_t x) {
  x ^= x << 13;
  x ^= x >> 17;
  return x ^ x << 5;
}

bool exports_wasi_cli_run_run(void) {
  uint64_t rounds = argument_number(1, 3000);
  uint32_t x = 2463534242, sum = 0;
  for (uint64_t round = 0; round < rounds; round++)
    for (uint32_t i = 0; i < WORDS; i++) {
      x = mix(x);
      uint32_t *word = &words[x & (WORDS - 1)];
      *word += x;
      sum = (sum << 5 | sum >> 27) ^ *word;
    }
  struct text text = {0};
  put_string(&text, "checksum ");
  put_hex(&text, sum);
  return print_line(&text);
}
