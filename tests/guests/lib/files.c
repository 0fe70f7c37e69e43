#include "files.h"

#include <string.h>

#include "arena.h"

// The bindings want strings that they may write to, and never do.
static guest_string_t string(const char *text) { return (guest_string_t){(uint8_t *)text, strlen(text)}; }

descriptor_t preopen(size_t index) {
  static descriptor_t directories[8];
  static size_t count;
  if (count == 0) {
    preopens_list_tuple2_own_descriptor_string_t list;
    preopens_get_directories(&list);
    for (; count < list.len && count < 8; count++) directories[count] = files_borrow_descriptor(list.ptr[count].f0);
  }
  if (index >= count) __builtin_trap();
  return directories[index];
}

#define OUTCOME(call) \
  files_error_code_t error; \
  return (call) ? FILES_OK : error

uint8_t open_at(descriptor_t directory, uint8_t path_flags, const char *path, uint8_t open_flags, uint8_t flags,
                files_own_descriptor_t *opened) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_open_at(directory, path_flags, &name, open_flags, flags, opened, &error));
}

uint8_t stat_at(descriptor_t directory, uint8_t path_flags, const char *path, files_descriptor_stat_t *stat) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_stat_at(directory, path_flags, &name, stat, &error));
}

uint8_t create_directory_at(descriptor_t directory, const char *path) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_create_directory_at(directory, &name, &error));
}

uint8_t remove_directory_at(descriptor_t directory, const char *path) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_remove_directory_at(directory, &name, &error));
}

uint8_t unlink_file_at(descriptor_t directory, const char *path) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_unlink_file_at(directory, &name, &error));
}

uint8_t rename_at(descriptor_t from, const char *path, descriptor_t to, const char *new_path) {
  guest_string_t name = string(path), new_name = string(new_path);
  OUTCOME(files_method_descriptor_rename_at(from, &name, to, &new_name, &error));
}

uint8_t link_at(descriptor_t from, uint8_t path_flags, const char *path, descriptor_t to, const char *new_path) {
  guest_string_t name = string(path), new_name = string(new_path);
  OUTCOME(files_method_descriptor_link_at(from, path_flags, &name, to, &new_name, &error));
}

uint8_t symlink_at(descriptor_t directory, const char *target, const char *path) {
  guest_string_t text = string(target), name = string(path);
  OUTCOME(files_method_descriptor_symlink_at(directory, &text, &name, &error));
}

uint8_t readlink_at(descriptor_t directory, const char *path, guest_string_t *target) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_readlink_at(directory, &name, target, &error));
}

uint8_t set_times_at(descriptor_t directory, uint8_t path_flags, const char *path, files_new_timestamp_t *accessed,
                     files_new_timestamp_t *modified) {
  guest_string_t name = string(path);
  OUTCOME(files_method_descriptor_set_times_at(directory, path_flags, &name, accessed, modified, &error));
}

uint8_t write_at(descriptor_t file, uint64_t offset, const char *text) {
  guest_list_u8_t bytes = {(uint8_t *)text, strlen(text)};
  files_filesize_t written;
  files_error_code_t error;
  if (!files_method_descriptor_write(file, &bytes, offset, &written, &error)) return error;
  return written == bytes.len ? FILES_OK : FILES_ERROR_CODE_IO;
}

bool reads(descriptor_t file, uint64_t offset, uint64_t length, const char *text) {
  guest_tuple2_list_u8_bool_t result;
  files_error_code_t error;
  arena_reset();
  if (!files_method_descriptor_read(file, length, offset, &result, &error)) return false;
  return result.f0.len == strlen(text) && memcmp(result.f0.ptr, text, result.f0.len) == 0 &&
         result.f1 == (result.f0.len == 0);
}

uint8_t write_file(descriptor_t directory, const char *path, const char *text) {
  files_own_descriptor_t file;
  uint8_t outcome = open_at(directory, FOLLOW, path, CREATE | TRUNCATE, WRITE, &file);
  if (outcome != FILES_OK) return outcome;
  outcome = write_at(files_borrow_descriptor(file), 0, text);
  files_descriptor_drop_own(file);
  return outcome;
}

bool file_is(descriptor_t directory, const char *path, const char *text) {
  files_own_descriptor_t file;
  if (open_at(directory, FOLLOW, path, 0, READ, &file) != FILES_OK) return false;
  bool same = reads(files_borrow_descriptor(file), 0, 65536, text);
  files_descriptor_drop_own(file);
  return same;
}
