#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "guest.h"

// Assertions for guests that check their host: a failure is one line on stderr, and the guest goes on.

// What a call with a `result<_, error-code>` answers here when it succeeds: no error-code has this number.
#define NETWORK_ERROR_CODE_OK 255

#define CHECK(condition) check(condition, __FILE__, __LINE__, #condition)

/// The outcome of a call is OK or an error-code by name: EXPECT(start_listen(socket), INVALID_STATE).
#define EXPECT(call, name) expect(call, NETWORK_ERROR_CODE_##name, __FILE__, __LINE__, #call)

#define EXPECT_NUMBER(value, expected) expect_number(value, expected, __FILE__, __LINE__, #value)

bool check(bool condition, const char *file, int line, const char *what);
bool expect(uint8_t outcome, uint8_t expected, const char *file, int line, const char *what);
bool expect_number(uint64_t value, uint64_t expected, const char *file, int line, const char *what);

/// Prints `N checks` and answers whether none failed: the result of `run`.
bool finish_checks(void);
