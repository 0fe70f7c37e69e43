#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A line under construction: what does not fit is cut off.
struct text {
  size_t length;
  char bytes[1024];
};

void put_string(struct text *text, const char *string);
void put_bytes(struct text *text, const void *bytes, size_t length);
void put_number(struct text *text, uint64_t number);
void put_hex(struct text *text, uint32_t number);

/// Writes the line and a newline through wasi:cli/stdout, flushed; false when stdout is gone.
bool print_line(struct text *text);

/// The same on stderr, for the message that a guest gives before it ends with an error.
bool print_error_line(struct text *text);

bool print(const char *line);
bool print_error(const char *line);

/// Decimal digits only; false when there are none, others, or more than `max`.
bool parse_number(const char *string, size_t length, uint64_t max, uint64_t *number);
