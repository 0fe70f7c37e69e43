// trap unreachable | load | stack | divide: ends in a trap of the engine.
#include "arguments.h"
#include "guest.h"
#include "text.h"

// Through a volatile pointer, so that the recursion stays one: it uses up the engine's stack, not the linear memory.
static uint32_t recurse(uint32_t depth);
static uint32_t (*volatile next)(uint32_t) = recurse;
static uint32_t recurse(uint32_t depth) { return next(depth + 1) + 1; }

static volatile int32_t seven = 7, zero, quotient;
static volatile uint32_t last_page = 0xffff0000;

bool exports_wasi_cli_run_run(void) {
  if (argument_is(1, "unreachable")) __builtin_trap();
  if (argument_is(1, "load")) return *(volatile uint8_t *)last_page == 0;
  if (argument_is(1, "stack")) return recurse(0) == 0;
  if (argument_is(1, "divide")) quotient = seven / zero;
  print_error("usage: trap unreachable | load | stack | divide");
  return false;
}
