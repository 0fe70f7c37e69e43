/* Traps in a function that is inlined into one that is inlined into one that is not. A core module without imports. */

static volatile int divisor;

__attribute__((always_inline)) static inline int divide(int value) {
  return value / divisor;
}

__attribute__((always_inline)) static inline int halves(int value) {
  int first = divide(value);
  return first + divide(value + 1);
}

__attribute__((noinline)) static int work(int count) {
  int sum = 0;
  for (int i = 0; i < count; i++)
    sum += halves(i);
  return sum;
}

__attribute__((export_name("_start"))) void start(void) {
  divisor = work(divisor + 3);
}
