// The monotonic and the wall clock, and timers: never early, reusable, ready for ever once due.
#include "arena.h"
#include "check.h"
#include "guest.h"

static const uint64_t millisecond = 1000000;

static bool ready(poll_own_pollable_t pollable) { return poll_method_pollable_ready(poll_borrow_pollable(pollable)); }
static void block(poll_own_pollable_t pollable) { poll_method_pollable_block(poll_borrow_pollable(pollable)); }

static void clocks(void) {
  uint64_t first = monotonic_clock_now(), last = first;
  for (int i = 0; i < 1000; i++) {
    uint64_t now = monotonic_clock_now();
    if (!CHECK(now >= last)) break;
    last = now;
  }
  CHECK(last > first);
  CHECK(last < 3600000 * millisecond); // counts from the guest's start, not the machine's
  CHECK(monotonic_clock_resolution() > 0 && monotonic_clock_resolution() <= millisecond);

  wall_clock_datetime_t now, resolution;
  wall_clock_now(&now);
  wall_clock_resolution(&resolution);
  CHECK(now.seconds > 1700000000 && now.seconds < 10000000000); // 2023 to 2286
  CHECK(now.nanoseconds < 1000000000);
  CHECK(resolution.seconds == 0 && resolution.nanoseconds > 0);
}

static void durations(void) {
  uint64_t lengths[] = {1, 500000, millisecond, 7 * millisecond, 20 * millisecond + 1};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    uint64_t before = monotonic_clock_now();
    poll_own_pollable_t timer = monotonic_clock_subscribe_duration(lengths[i]);
    block(timer);
    CHECK(monotonic_clock_now() - before >= lengths[i]);
    CHECK(ready(timer)); // and for ever
    block(timer);
    poll_pollable_drop_own(timer);
  }
}

static void instants(void) {
  uint64_t when = monotonic_clock_now() + 10 * millisecond;
  poll_own_pollable_t timer = monotonic_clock_subscribe_instant(when);
  CHECK(!ready(timer) || monotonic_clock_now() >= when); // a busy machine may take that long to get here
  block(timer);
  CHECK(monotonic_clock_now() >= when);
  poll_pollable_drop_own(timer);

  timer = monotonic_clock_subscribe_instant(when + 3600000 * millisecond);
  CHECK(!ready(timer));
  poll_pollable_drop_own(timer);

  timer = monotonic_clock_subscribe_instant(0); // long past
  block(timer);
  CHECK(ready(timer)); // block was the first look
  poll_pollable_drop_own(timer);
}

static void zero(void) {
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(0);
  CHECK(!ready(timer)); // the first look gives the rest of the world a turn
  CHECK(ready(timer));
  CHECK(ready(timer));
  poll_pollable_drop_own(timer);
  timer = monotonic_clock_subscribe_duration(0);
  block(timer);
  poll_pollable_drop_own(timer);
}

static void never(void) {
  poll_own_pollable_t timers[] = {
    monotonic_clock_subscribe_duration(UINT64_MAX),
    monotonic_clock_subscribe_instant(UINT64_MAX),
    monotonic_clock_subscribe_duration(5 * millisecond),
  };
  poll_borrow_pollable_t list[3];
  for (int i = 0; i < 3; i++) list[i] = poll_borrow_pollable(timers[i]);
  poll_list_borrow_pollable_t all = {list, 3};
  guest_list_u32_t answer;
  arena_reset();
  poll_poll(&all, &answer);
  EXPECT_NUMBER(answer.len, 1);
  EXPECT_NUMBER(answer.ptr[0], 2);
  for (int i = 0; i < 3; i++) poll_pollable_drop_own(timers[i]);
}

bool exports_wasi_cli_run_run(void) {
  clocks();
  durations();
  instants();
  zero();
  never();
  return finish_checks();
}
