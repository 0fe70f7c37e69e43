#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "guest.h"

// wasi:filesystem with outcomes as values: every function answers FILES_OK or the error-code.

#define FILES_OK 255

#define NOFOLLOW 0
#define FOLLOW FILES_PATH_FLAGS_SYMLINK_FOLLOW
#define CREATE FILES_OPEN_FLAGS_CREATE
#define DIRECTORY FILES_OPEN_FLAGS_DIRECTORY
#define EXCLUSIVE FILES_OPEN_FLAGS_EXCLUSIVE
#define TRUNCATE FILES_OPEN_FLAGS_TRUNCATE
#define READ FILES_DESCRIPTOR_FLAGS_READ
#define WRITE FILES_DESCRIPTOR_FLAGS_WRITE

#define FILES_EXPECT(call, name) EXPECT_NUMBER(call, FILES_ERROR_CODE_##name)
#define FILES_SUCCEED(call) EXPECT_NUMBER(call, FILES_OK)

typedef files_borrow_descriptor_t descriptor_t;

/// The directory number `index` that the guest was given. Traps when there is none.
descriptor_t preopen(size_t index);

uint8_t open_at(descriptor_t directory, uint8_t path_flags, const char *path, uint8_t open_flags, uint8_t flags,
                files_own_descriptor_t *opened);
uint8_t stat_at(descriptor_t directory, uint8_t path_flags, const char *path, files_descriptor_stat_t *stat);
uint8_t create_directory_at(descriptor_t directory, const char *path);
uint8_t remove_directory_at(descriptor_t directory, const char *path);
uint8_t unlink_file_at(descriptor_t directory, const char *path);
uint8_t rename_at(descriptor_t from, const char *path, descriptor_t to, const char *new_path);
uint8_t link_at(descriptor_t from, uint8_t path_flags, const char *path, descriptor_t to, const char *new_path);
uint8_t symlink_at(descriptor_t directory, const char *target, const char *path);
/// `target` lives in the arena.
uint8_t readlink_at(descriptor_t directory, const char *path, guest_string_t *target);
uint8_t set_times_at(descriptor_t directory, uint8_t path_flags, const char *path, files_new_timestamp_t *accessed,
                     files_new_timestamp_t *modified);

uint8_t write_at(descriptor_t file, uint64_t offset, const char *text);
/// Whether reading `length` bytes from `offset` gives exactly `text`.
bool reads(descriptor_t file, uint64_t offset, uint64_t length, const char *text);
/// Opens, writes and closes.
uint8_t write_file(descriptor_t directory, const char *path, const char *text);
/// Opens (following links), compares and closes.
bool file_is(descriptor_t directory, const char *path, const char *text);
