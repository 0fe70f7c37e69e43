#include "check.h"

#include "error-code.h"
#include "text.h"

static uint64_t checks, failures;

static void put_failure(struct text *text, const char *file, int line, const char *what) {
  failures++;
  put_string(text, file);
  put_string(text, ":");
  put_number(text, (uint64_t)line);
  put_string(text, ": ");
  put_string(text, what);
}

bool check(bool condition, const char *file, int line, const char *what) {
  checks++;
  if (condition) return true;
  struct text text = {0};
  put_failure(&text, file, line, what);
  print_error_line(&text);
  return false;
}

static const char *outcome_name(uint8_t outcome) {
  return outcome == NETWORK_ERROR_CODE_OK ? "ok" : error_code_name(outcome);
}

bool expect(uint8_t outcome, uint8_t expected, const char *file, int line, const char *what) {
  checks++;
  if (outcome == expected) return true;
  struct text text = {0};
  put_failure(&text, file, line, what);
  put_string(&text, ": ");
  put_string(&text, outcome_name(outcome));
  put_string(&text, ", expected ");
  put_string(&text, outcome_name(expected));
  print_error_line(&text);
  return false;
}

bool expect_number(uint64_t value, uint64_t expected, const char *file, int line, const char *what) {
  checks++;
  if (value == expected) return true;
  struct text text = {0};
  put_failure(&text, file, line, what);
  put_string(&text, ": ");
  put_number(&text, value);
  put_string(&text, ", expected ");
  put_number(&text, expected);
  print_error_line(&text);
  return false;
}

bool finish_checks(void) {
  struct text text = {0};
  put_number(&text, checks);
  put_string(&text, " checks");
  return print_line(&text) && failures == 0;
}
