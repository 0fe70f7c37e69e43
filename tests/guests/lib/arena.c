// The guest's side of every value that the host hands over: lists and strings land in one arena, which `arena_reset` empties.
// The generated bindings would call malloc and free for each; a server that reads a million times a second should not.
#include "arena.h"

#include "guest.h"

static _Alignas(16) uint8_t arena[ARENA_SIZE];
static size_t used;
static uint32_t forged;

void arena_reset(void) { used = 0; }

void arena_forge(uint32_t address) { forged = address; }

void *arena_allocate(size_t size, size_t align) {
  size_t start = (used + align - 1) & ~(align - 1);
  if (start > ARENA_SIZE || size > ARENA_SIZE - start) __builtin_trap();
  used = start + size;
  return arena + start;
}

// Overrides the bindings' weak one. `old` is only there for lists of strings that shrink or grow, which no host of ours does.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
  if (forged != 0) return (void *)(uintptr_t)forged;
  void *fresh = arena_allocate(new_size, align);
  if (old != NULL) __builtin_memcpy(fresh, old, old_size < new_size ? old_size : new_size);
  return fresh;
}
