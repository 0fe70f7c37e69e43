#pragma once
#include <stddef.h>

// Room for one full read (64 KiB), the answer of a poll over 100,000 pollables and the arguments, with slack.
#define ARENA_SIZE (1024 * 1024)

/// Frees everything that the host handed over so far.
void arena_reset(void);

/// `size` bytes that live until the next reset; `align` is a power of two. Traps when the arena is full.
void *arena_allocate(size_t size, size_t align);
