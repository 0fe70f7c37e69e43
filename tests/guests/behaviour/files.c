// Files and directories: an empty directory is given, and is empty again at the end.
#include "files.h"

#include <string.h>

#include "arena.h"
#include "check.h"

static files_descriptor_stat_t status;
static files_own_descriptor_t opened;

static void contents(descriptor_t root) {
  files_own_descriptor_t file;
  files_error_code_t error;
  files_descriptor_flags_t flags;
  files_descriptor_type_t type;
  FILES_EXPECT(open_at(root, FOLLOW, "a", 0, READ, &opened), NO_ENTRY);
  FILES_SUCCEED(open_at(root, FOLLOW, "a", CREATE | EXCLUSIVE, READ | WRITE, &file));
  FILES_EXPECT(open_at(root, FOLLOW, "a", CREATE | EXCLUSIVE, READ | WRITE, &opened), EXIST);
  descriptor_t a = files_borrow_descriptor(file);
  CHECK(files_method_descriptor_get_type(a, &type, &error) && type == FILES_DESCRIPTOR_TYPE_REGULAR_FILE);
  CHECK(files_method_descriptor_get_flags(a, &flags, &error) && flags == (READ | WRITE));
  CHECK(reads(a, 0, 10, ""));
  FILES_SUCCEED(write_at(a, 0, "hello"));
  FILES_SUCCEED(write_at(a, 7, "world"));
  CHECK(files_method_descriptor_stat(a, &status, &error) && status.size == 12 && status.link_count == 1);
  CHECK(status.data_modification_timestamp.is_some && status.data_modification_timestamp.val.seconds > 1700000000);
  CHECK(reads(a, 7, 100, "world"));
  CHECK(reads(a, 1, 3, "ell"));
  CHECK(reads(a, 12, 100, ""));
  CHECK(reads(a, 1000, 100, ""));
  CHECK(reads(a, 0, 0, ""));
  CHECK(files_method_descriptor_set_size(a, 4, &error) && reads(a, 0, 100, "hell"));
  CHECK(files_method_descriptor_set_size(a, 0, &error) && reads(a, 0, 100, ""));
  CHECK(files_method_descriptor_advise(a, 0, 0, FILES_ADVICE_SEQUENTIAL, &error));
  CHECK(files_method_descriptor_sync(a, &error) && files_method_descriptor_sync_data(a, &error));
  guest_tuple2_list_u8_bool_t result;
  CHECK(!files_method_descriptor_read(a, 1, UINT64_MAX, &result, &error) && error == FILES_ERROR_CODE_INVALID);
  FILES_EXPECT(write_at(a, UINT64_MAX - 1, "x"), INVALID);
  files_descriptor_drop_own(file);

  // Open for reading, or for writing, alone.
  FILES_SUCCEED(write_file(root, "a", "text"));
  FILES_SUCCEED(open_at(root, FOLLOW, "a", 0, READ, &file));
  FILES_EXPECT(write_at(files_borrow_descriptor(file), 0, "x"), BAD_DESCRIPTOR);
  CHECK(!files_method_descriptor_set_size(files_borrow_descriptor(file), 0, &error) && error == FILES_ERROR_CODE_INVALID);
  files_descriptor_drop_own(file);
  FILES_SUCCEED(open_at(root, FOLLOW, "a", 0, WRITE, &file));
  CHECK(!files_method_descriptor_read(files_borrow_descriptor(file), 1, 0, &result, &error) &&
        error == FILES_ERROR_CODE_BAD_DESCRIPTOR);
  files_descriptor_drop_own(file);
  FILES_EXPECT(open_at(root, FOLLOW, "a", 0, READ | FILES_DESCRIPTOR_FLAGS_FILE_INTEGRITY_SYNC, &opened), UNSUPPORTED);
  FILES_EXPECT(open_at(root, FOLLOW, "a", DIRECTORY, READ, &opened), NOT_DIRECTORY);
  FILES_EXPECT(open_at(root, FOLLOW, "a", DIRECTORY | CREATE, READ, &opened), INVALID);
  FILES_EXPECT(open_at(root, FOLLOW, "a/", 0, READ, &opened), NOT_DIRECTORY);
  FILES_EXPECT(open_at(root, FOLLOW, "a/b", 0, READ, &opened), NOT_DIRECTORY);
  FILES_SUCCEED(unlink_file_at(root, "a"));
  FILES_EXPECT(unlink_file_at(root, "a"), NO_ENTRY);
}

static bool stream_write(streams_borrow_output_stream_t stream, const char *text) {
  guest_list_u8_t bytes = {(uint8_t *)text, strlen(text)};
  streams_stream_error_t error;
  uint64_t permit;
  return streams_method_output_stream_check_write(stream, &permit, &error) && permit >= bytes.len &&
         streams_method_output_stream_write(stream, &bytes, &error) &&
         streams_method_output_stream_blocking_flush(stream, &error);
}

static bool stream_reads(streams_borrow_input_stream_t stream, uint64_t length, const char *text) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  return streams_method_input_stream_blocking_read(stream, length, &bytes, &error) && bytes.len == strlen(text) &&
         memcmp(bytes.ptr, text, bytes.len) == 0;
}

static void streams(descriptor_t root) {
  files_own_descriptor_t file;
  files_error_code_t error;
  streams_own_output_stream_t output, appending;
  streams_own_input_stream_t input;
  FILES_SUCCEED(open_at(root, FOLLOW, "s", CREATE, READ | WRITE, &file));
  descriptor_t s = files_borrow_descriptor(file);
  CHECK(files_method_descriptor_write_via_stream(s, 2, &output, &error));
  CHECK(files_method_descriptor_append_via_stream(s, &appending, &error));
  CHECK(stream_write(streams_borrow_output_stream(output), "abc"));
  CHECK(stream_write(streams_borrow_output_stream(appending), "XYZ"));
  CHECK(stream_write(streams_borrow_output_stream(output), "de")); // goes on where it was, over what was appended
  CHECK(stream_write(streams_borrow_output_stream(appending), "!"));
  CHECK(files_method_descriptor_read_via_stream(s, 2, &input, &error));
  files_descriptor_drop_own(file); // the streams outlive it
  streams_borrow_input_stream_t reading = streams_borrow_input_stream(input);
  CHECK(stream_reads(reading, 4, "abcd"));

  // One poll over a file, which is always ready, and a timer.
  poll_own_pollable_t ready = streams_method_input_stream_subscribe(reading);
  poll_own_pollable_t later = monotonic_clock_subscribe_duration(60000000000);
  poll_borrow_pollable_t both[] = {poll_borrow_pollable(later), poll_borrow_pollable(ready)};
  poll_list_borrow_pollable_t list = {both, 2};
  guest_list_u32_t indices;
  poll_poll(&list, &indices);
  CHECK(indices.len == 1 && indices.ptr[0] == 1);
  poll_pollable_drop_own(ready);
  poll_pollable_drop_own(later);

  CHECK(stream_reads(reading, 100, "eZ!"));
  guest_list_u8_t bytes;
  streams_stream_error_t end;
  CHECK(!streams_method_input_stream_blocking_read(reading, 100, &bytes, &end) && end.tag == STREAMS_STREAM_ERROR_CLOSED);
  CHECK(!streams_method_input_stream_read(reading, 1, &bytes, &end) && end.tag == STREAMS_STREAM_ERROR_CLOSED);
  streams_input_stream_drop_own(input);

  uint64_t count;
  CHECK(streams_method_output_stream_blocking_write_zeroes_and_flush(streams_borrow_output_stream(output), 2, &end));
  FILES_SUCCEED(open_at(root, FOLLOW, "s", 0, READ, &file));
  CHECK(files_method_descriptor_read_via_stream(files_borrow_descriptor(file), 2, &input, &error));
  CHECK(streams_method_output_stream_blocking_splice(streams_borrow_output_stream(appending),
                                                     streams_borrow_input_stream(input), 3, &count, &end) &&
        count == 3);
  streams_input_stream_drop_own(input);
  CHECK(reads(files_borrow_descriptor(file), 9, 100, "abc"));
  files_descriptor_drop_own(file);
  streams_output_stream_drop_own(output);
  streams_output_stream_drop_own(appending);

  // A stream whose file cannot be written to says so, and the error tells its code.
  FILES_SUCCEED(open_at(root, FOLLOW, "s", 0, READ, &file));
  CHECK(files_method_descriptor_write_via_stream(files_borrow_descriptor(file), 0, &output, &error));
  guest_list_u8_t x = {(uint8_t *)"x", 1};
  CHECK(!streams_method_output_stream_blocking_write_and_flush(streams_borrow_output_stream(output), &x, &end));
  if (CHECK(end.tag == STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED)) {
    CHECK(files_filesystem_error_code(error_borrow_error(end.val.last_operation_failed), &error) &&
          error == FILES_ERROR_CODE_BAD_DESCRIPTOR);
    error_error_drop_own(end.val.last_operation_failed);
  }
  streams_output_stream_drop_own(output);
  files_descriptor_drop_own(file);

  streams_own_input_stream_t none;
  CHECK(!files_method_descriptor_read_via_stream(root, 0, &none, &error) && error == FILES_ERROR_CODE_IS_DIRECTORY);
  CHECK(!files_method_descriptor_write_via_stream(root, 0, &output, &error) && error == FILES_ERROR_CODE_BAD_DESCRIPTOR);
  FILES_SUCCEED(unlink_file_at(root, "s"));
}

/// How many entries a directory has; `names` gets a bit for each that is one letter from `a` on.
static size_t entries(descriptor_t directory, uint32_t *names, files_descriptor_type_t *last) {
  files_own_directory_entry_stream_t stream;
  files_error_code_t error;
  files_option_directory_entry_t entry;
  size_t count = 0;
  *names = 0;
  if (!CHECK(files_method_descriptor_read_directory(directory, &stream, &error))) return 0;
  for (;; count++) {
    arena_reset();
    if (!CHECK(files_method_directory_entry_stream_read_directory_entry(files_borrow_directory_entry_stream(stream), &entry,
                                                                        &error)))
      break;
    if (!entry.is_some) break;
    *last = entry.val.type;
    if (entry.val.name.len == 1) *names |= 1u << (entry.val.name.ptr[0] - 'a');
  }
  files_directory_entry_stream_drop_own(stream);
  return count;
}

static void directories(descriptor_t root) {
  files_own_descriptor_t directory, sub;
  files_error_code_t error;
  files_descriptor_flags_t flags;
  files_descriptor_type_t type;
  guest_string_t target;
  uint32_t names;
  EXPECT_NUMBER(entries(root, &names, &type), 0);
  FILES_SUCCEED(create_directory_at(root, "d"));
  FILES_EXPECT(create_directory_at(root, "d/"), EXIST);
  FILES_SUCCEED(create_directory_at(root, "d/e/"));
  FILES_EXPECT(create_directory_at(root, "x/y"), NO_ENTRY);
  EXPECT_NUMBER(entries(root, &names, &type), 1);
  CHECK(names == 1 << 3 && type == FILES_DESCRIPTOR_TYPE_DIRECTORY);
  FILES_SUCCEED(stat_at(root, NOFOLLOW, "d", &status));
  CHECK(status.type == FILES_DESCRIPTOR_TYPE_DIRECTORY);

  FILES_SUCCEED(open_at(root, FOLLOW, "d", DIRECTORY, READ, &directory));
  descriptor_t d = files_borrow_descriptor(directory);
  CHECK(files_method_descriptor_get_flags(d, &flags, &error) && flags == READ);
  CHECK(files_method_descriptor_get_flags(root, &flags, &error) &&
        flags == (READ | FILES_DESCRIPTOR_FLAGS_MUTATE_DIRECTORY));
  FILES_EXPECT(open_at(root, FOLLOW, "d", 0, READ | WRITE, &opened), IS_DIRECTORY);
  FILES_EXPECT(write_at(d, 0, "x"), BAD_DESCRIPTOR);
  CHECK(files_method_descriptor_sync(d, &error) && files_method_descriptor_sync_data(root, &error));
  FILES_SUCCEED(write_file(d, "f", "in d"));
  FILES_SUCCEED(open_at(root, FOLLOW, "d/e", 0, READ, &sub));
  descriptor_t e = files_borrow_descriptor(sub);
  FILES_SUCCEED(rename_at(d, "f", e, "g"));
  CHECK(file_is(root, "d/e/g", "in d"));
  CHECK(file_is(root, "d/./e/../e//g", "in d"));
  FILES_SUCCEED(link_at(e, NOFOLLOW, "g", d, "h"));
  FILES_EXPECT(link_at(e, FOLLOW, "g", d, "i"), INVALID);
  FILES_SUCCEED(stat_at(d, NOFOLLOW, "h", &status));
  EXPECT_NUMBER(status.link_count, 2);
  files_own_descriptor_t g, h;
  files_metadata_hash_value_t hash, same;
  FILES_SUCCEED(open_at(e, NOFOLLOW, "g", 0, READ, &g));
  FILES_SUCCEED(open_at(d, NOFOLLOW, "h", 0, READ, &h));
  CHECK(files_method_descriptor_is_same_object(files_borrow_descriptor(g), files_borrow_descriptor(h)));
  CHECK(!files_method_descriptor_is_same_object(files_borrow_descriptor(g), d));
  CHECK(files_method_descriptor_metadata_hash(files_borrow_descriptor(g), &hash, &error) &&
        files_method_descriptor_metadata_hash(files_borrow_descriptor(h), &same, &error) && hash.lower == same.lower &&
        hash.upper == same.upper);
  CHECK(files_method_descriptor_metadata_hash(d, &same, &error) && hash.lower != same.lower);
  FILES_EXPECT(create_directory_at(files_borrow_descriptor(g), "x"), NOT_DIRECTORY);
  files_descriptor_drop_own(g);
  files_descriptor_drop_own(h);

  // Symbolic links that stay inside.
  FILES_SUCCEED(symlink_at(d, "e/g", "l"));
  FILES_SUCCEED(symlink_at(e, "../h", "up"));
  FILES_SUCCEED(readlink_at(d, "l", &target));
  CHECK(target.len == 3 && memcmp(target.ptr, "e/g", 3) == 0);
  FILES_EXPECT(readlink_at(d, "h", &target), INVALID);
  CHECK(file_is(root, "d/l", "in d"));
  CHECK(file_is(root, "d/e/up", "in d"));
  FILES_EXPECT(open_at(d, FOLLOW, "e/up/", 0, READ, &opened), NOT_DIRECTORY);
  FILES_EXPECT(open_at(d, NOFOLLOW, "l", 0, READ, &opened), LOOP);
  FILES_SUCCEED(stat_at(d, NOFOLLOW, "l", &status));
  CHECK(status.type == FILES_DESCRIPTOR_TYPE_SYMBOLIC_LINK && status.size == 3);
  FILES_SUCCEED(stat_at(d, FOLLOW, "l", &status));
  CHECK(status.type == FILES_DESCRIPTOR_TYPE_REGULAR_FILE && status.size == 4);
  FILES_SUCCEED(symlink_at(d, "self", "self"));
  FILES_EXPECT(stat_at(d, FOLLOW, "self", &status), LOOP);
  FILES_EXPECT(symlink_at(d, "other", "self"), EXIST);

  // Times.
  files_new_timestamp_t at = {.tag = FILES_NEW_TIMESTAMP_TIMESTAMP, .val.timestamp = {1234567890, 1500000000}};
  files_new_timestamp_t keep = {.tag = FILES_NEW_TIMESTAMP_NO_CHANGE}, now = {.tag = FILES_NEW_TIMESTAMP_NOW};
  files_new_timestamp_t never = {.tag = FILES_NEW_TIMESTAMP_TIMESTAMP, .val.timestamp = {UINT64_MAX, 0}};
  FILES_SUCCEED(set_times_at(d, FOLLOW, "l", &now, &at));
  FILES_SUCCEED(set_times_at(d, FOLLOW, "h", &keep, &keep));
  FILES_SUCCEED(stat_at(d, NOFOLLOW, "h", &status));
  CHECK(status.data_modification_timestamp.val.seconds == 1234567891 &&
        status.data_modification_timestamp.val.nanoseconds == 500000000);
  CHECK(status.data_access_timestamp.val.seconds > 1700000000);
  FILES_SUCCEED(set_times_at(d, NOFOLLOW, "l", &keep, &at));
  FILES_EXPECT(set_times_at(d, FOLLOW, "h", &keep, &never), OVERFLOW);
  CHECK(files_method_descriptor_set_times(d, &at, &at, &error));
  CHECK(files_method_descriptor_stat(d, &status, &error) && status.data_access_timestamp.val.seconds == 1234567891);

  // What is there goes away by the right call only.
  FILES_EXPECT(unlink_file_at(root, "d"), IS_DIRECTORY);
  FILES_EXPECT(remove_directory_at(root, "d"), NOT_EMPTY);
  FILES_EXPECT(remove_directory_at(d, "h"), NOT_DIRECTORY);
  FILES_EXPECT(rename_at(d, "h", d, "e"), IS_DIRECTORY);
  FILES_EXPECT(rename_at(d, "h/", d, "i"), NOT_DIRECTORY);
  FILES_EXPECT(rename_at(d, "none", d, "i"), NO_ENTRY);
  FILES_EXPECT(rename_at(root, "d", root, "d/e/x"), INVALID);
  FILES_SUCCEED(rename_at(root, "d/", root, "c/"));
  CHECK(file_is(d, "h", "in d")); // a descriptor follows its directory
  EXPECT_NUMBER(entries(d, &names, &type), 4);
  FILES_SUCCEED(unlink_file_at(d, "l"));
  FILES_SUCCEED(unlink_file_at(d, "self"));
  FILES_SUCCEED(unlink_file_at(d, "h"));
  FILES_SUCCEED(unlink_file_at(e, "up"));
  FILES_SUCCEED(unlink_file_at(e, "g"));
  FILES_EXPECT(remove_directory_at(d, "e/"), INVALID); // the kernel is asked to remove `.`
  FILES_SUCCEED(remove_directory_at(d, "e"));
  FILES_SUCCEED(remove_directory_at(root, "c"));
  FILES_EXPECT(create_directory_at(d, "late"), NO_ENTRY);
  files_descriptor_drop_own(directory);
  files_descriptor_drop_own(sub);
  FILES_EXPECT(stat_at(root, FOLLOW, "", &status), NO_ENTRY);
  FILES_SUCCEED(stat_at(root, FOLLOW, ".", &status));
  EXPECT_NUMBER(entries(root, &names, &type), 0);
}

#define MANY 1000

static void many(descriptor_t root) {
  static files_own_descriptor_t files[MANY];
  uint32_t names;
  files_descriptor_type_t type;
  char name[] = "n000";
  size_t open = 0;
  for (size_t i = 0; i < MANY; i++) {
    name[1] = '0' + i / 100, name[2] = '0' + i / 10 % 10, name[3] = '0' + i % 10;
    if (open_at(root, FOLLOW, name, CREATE | EXCLUSIVE, READ | WRITE, &files[i]) != FILES_OK) break;
    if (write_at(files_borrow_descriptor(files[i]), 0, name) != FILES_OK) break;
    open++;
  }
  EXPECT_NUMBER(open, MANY);
  EXPECT_NUMBER(entries(root, &names, &type), MANY);
  size_t right = 0, removed = 0;
  for (size_t i = 0; i < open; i++) {
    name[1] = '0' + i / 100, name[2] = '0' + i / 10 % 10, name[3] = '0' + i % 10;
    right += reads(files_borrow_descriptor(files[i]), 0, 100, name);
    files_descriptor_drop_own(files[i]);
    removed += unlink_file_at(root, name) == FILES_OK;
  }
  EXPECT_NUMBER(right, MANY);
  EXPECT_NUMBER(removed, MANY);
}

/// 8 MiB through a stream, and a byte beyond 4 GiB.
static void big(descriptor_t root) {
  enum { PIECE = 65536, PIECES = 128 };
  static uint8_t piece[PIECE];
  files_own_descriptor_t file;
  files_error_code_t error;
  streams_own_output_stream_t output;
  streams_own_input_stream_t input;
  streams_stream_error_t end;
  FILES_SUCCEED(open_at(root, FOLLOW, "big", CREATE, READ | WRITE, &file));
  descriptor_t big = files_borrow_descriptor(file);
  CHECK(files_method_descriptor_write_via_stream(big, 0, &output, &error));
  for (uint32_t i = 0; i < PIECES; i++) {
    uint64_t permit;
    guest_list_u8_t bytes = {piece, PIECE};
    memset(piece, (int)i, PIECE);
    if (!streams_method_output_stream_check_write(streams_borrow_output_stream(output), &permit, &end) || permit < PIECE ||
        !streams_method_output_stream_write(streams_borrow_output_stream(output), &bytes, &end)) {
      CHECK(false);
      break;
    }
    // Where writes go on by themselves, the next permit comes when this one is done.
    if (!streams_method_output_stream_blocking_flush(streams_borrow_output_stream(output), &end)) CHECK(false);
  }
  streams_output_stream_drop_own(output);
  CHECK(files_method_descriptor_stat(big, &status, &error) && status.size == (uint64_t)PIECE * PIECES);
  CHECK(files_method_descriptor_read_via_stream(big, 0, &input, &error));
  uint64_t total = 0;
  bool same = true;
  for (;;) {
    guest_list_u8_t bytes;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(input), 50000, &bytes, &end)) break;
    for (size_t i = 0; i < bytes.len; i++) same &= bytes.ptr[i] == (uint8_t)((total + i) / PIECE);
    total += bytes.len;
  }
  CHECK(same && total == (uint64_t)PIECE * PIECES);
  streams_input_stream_drop_own(input);

  const uint64_t far = 5000000000;
  FILES_SUCCEED(write_at(big, far, "far"));
  CHECK(reads(big, far, 100, "far"));
  CHECK(files_method_descriptor_stat(big, &status, &error) && status.size == far + 3);
  CHECK(files_method_descriptor_set_size(big, far + 1, &error) && reads(big, far, 100, "f"));
  files_descriptor_drop_own(file);
  FILES_SUCCEED(unlink_file_at(root, "big"));
}

bool exports_wasi_cli_run_run(void) {
  descriptor_t root = preopen(0);
  contents(root);
  streams(root);
  directories(root);
  many(root);
  big(root);
  return finish_checks();
}
