#pragma once
#include <stddef.h>
#include <stdint.h>

// Room for one full read (64 KiB), the answer of a poll over 100,000 pollables and the arguments, with slack.
#define ARENA_SIZE (1024 * 1024)

/// Frees everything that the host handed over so far.
void arena_reset(void);

/// `size` bytes that live until the next reset; `align` is a power of two. Traps when the arena is full.
void *arena_allocate(size_t size, size_t align);

/// From now on the host is given this address whenever it asks for memory: for guests that lie.
void arena_forge(uint32_t address);
