// Tries to get out of the directory that it was given. What lies where is said in tests/filesystem/tree.ts.
#include <string.h>

#include "arena.h"
#include "arguments.h"
#include "check.h"
#include "files.h"
#include "text.h"

static files_descriptor_stat_t status;
static files_own_descriptor_t opened;
static files_new_timestamp_t now = {.tag = FILES_NEW_TIMESTAMP_NOW};

/// Paths that lead out, followed to their end.
static const char *const leading_out[] = {
    "..", "../", "../.", "../secret", "../new", "../inside/mine", "./../secret", "deep/../../secret", "deep/../..",
    "/", "/etc", "/etc/passwd", "//etc/passwd", "absolute", "absolute/passwd", "absolute-file", "up", "up/secret",
    "up/inside/mine", "out", "chain", "chain/secret", "deep/out", "dangling", "outside", "outside/victim", "deep/up/mine",
};

/// Paths whose last component lies outside, whether it is there or not.
static const char *const names_outside[] = {
    "..", "../", "../secret", "../new", "../outside", "/", "/new", "/etc/passwd", "up/secret", "up/new", "absolute/new",
    "outside/victim", "outside/new", "chain/new", "deep/../../new", "deep/../../outside/victim", "outside/.",
};

#define COUNT(array) (sizeof array / sizeof *array)
#define REFUSED(call) FILES_EXPECT(call, NOT_PERMITTED)

static void followed(descriptor_t root, const char *path) {
  guest_string_t name = {(uint8_t *)path, strlen(path)};
  files_metadata_hash_value_t hash;
  files_error_code_t error;
  REFUSED(stat_at(root, FOLLOW, path, &status));
  REFUSED(open_at(root, FOLLOW, path, 0, READ, &opened));
  REFUSED(open_at(root, FOLLOW, path, 0, READ | WRITE, &opened));
  REFUSED(open_at(root, FOLLOW, path, DIRECTORY, READ, &opened));
  REFUSED(open_at(root, FOLLOW, path, TRUNCATE, WRITE, &opened));
  REFUSED(set_times_at(root, FOLLOW, path, &now, &now));
  CHECK(!files_method_descriptor_metadata_hash_at(root, FOLLOW, &name, &hash, &error) &&
        error == FILES_ERROR_CODE_NOT_PERMITTED);
}

static void named(descriptor_t root, const char *path) {
  guest_string_t target;
  REFUSED(stat_at(root, NOFOLLOW, path, &status));
  REFUSED(open_at(root, NOFOLLOW, path, 0, READ, &opened));
  REFUSED(open_at(root, NOFOLLOW, path, CREATE | EXCLUSIVE, WRITE, &opened));
  REFUSED(set_times_at(root, NOFOLLOW, path, &now, &now));
  REFUSED(create_directory_at(root, path));
  REFUSED(remove_directory_at(root, path));
  REFUSED(unlink_file_at(root, path));
  REFUSED(readlink_at(root, path, &target));
  REFUSED(symlink_at(root, "mine", path));
  REFUSED(link_at(root, NOFOLLOW, path, root, "taken"));
  REFUSED(link_at(root, NOFOLLOW, "mine", root, path));
  REFUSED(rename_at(root, path, root, "taken"));
  REFUSED(rename_at(root, "mine", root, path));
}

static void tree(descriptor_t root) {
  for (size_t i = 0; i < COUNT(leading_out); i++) followed(root, leading_out[i]);
  for (size_t i = 0; i < COUNT(names_outside); i++) named(root, names_outside[i]);
  REFUSED(open_at(root, FOLLOW, "dangling", CREATE, WRITE, &opened));
  REFUSED(symlink_at(root, "/etc/passwd", "taken"));

  // What moves or makes a directory takes `up/` for `up`; what does not goes through the link.
  REFUSED(stat_at(root, NOFOLLOW, "up/", &status));
  REFUSED(remove_directory_at(root, "up/"));
  REFUSED(unlink_file_at(root, "up/"));
  FILES_EXPECT(rename_at(root, "up/", root, "taken"), NOT_DIRECTORY);
  FILES_EXPECT(create_directory_at(root, "up/"), EXIST);

  // Links of its own making lead out no more than others do.
  FILES_SUCCEED(symlink_at(root, "..", "made"));
  REFUSED(open_at(root, FOLLOW, "made", 0, READ, &opened));
  REFUSED(open_at(root, FOLLOW, "made/secret", 0, READ, &opened));
  FILES_SUCCEED(unlink_file_at(root, "made"));

  // A hard link to a symbolic link is one to the link itself; moved, it leads from its new place.
  FILES_SUCCEED(link_at(root, NOFOLLOW, "out", root, "made"));
  REFUSED(open_at(root, FOLLOW, "made", 0, READ, &opened));
  FILES_EXPECT(open_at(root, NOFOLLOW, "made", 0, READ, &opened), LOOP);
  FILES_SUCCEED(rename_at(root, "made", root, "deep/made"));
  FILES_EXPECT(open_at(root, FOLLOW, "deep/made", 0, READ, &opened), NO_ENTRY);
  FILES_SUCCEED(unlink_file_at(root, "deep/made"));

  // A directory is the limit of what is reached through it, even where its parent is within reach.
  files_own_descriptor_t deep;
  FILES_SUCCEED(open_at(root, FOLLOW, "deep", DIRECTORY, READ, &deep));
  REFUSED(open_at(files_borrow_descriptor(deep), FOLLOW, "..", 0, READ, &opened));
  REFUSED(open_at(files_borrow_descriptor(deep), FOLLOW, "../mine", 0, READ, &opened));
  REFUSED(link_at(files_borrow_descriptor(deep), NOFOLLOW, "../mine", root, "taken"));
  FILES_SUCCEED(rename_at(root, "deep", root, "deeper"));
  REFUSED(stat_at(files_borrow_descriptor(deep), FOLLOW, "../mine", &status));
  FILES_SUCCEED(rename_at(root, "deeper", root, "deep"));
  files_descriptor_drop_own(deep);
  CHECK(file_is(root, "mine", "mine"));
}

/// The directory is /proc/self, whose links lead to what the process has open, wherever that is.
static void proc(descriptor_t self) {
  static const char *const magic[] = {"root", "root/etc/passwd", "cwd", "cwd/package.json", "exe", "fd/0", "fd/1", "fd/2",
                                      "task/../root/etc/passwd"};
  for (size_t i = 0; i < COUNT(magic); i++) {
    FILES_EXPECT(open_at(self, FOLLOW, magic[i], 0, READ, &opened), LOOP);
    FILES_EXPECT(stat_at(self, FOLLOW, magic[i], &status), LOOP);
  }
  FILES_SUCCEED(open_at(self, FOLLOW, "comm", 0, READ, &opened));
}

/// Meanwhile the test moves what the names lead to in and out: the guest gets what is inside, or is refused.
static void race(descriptor_t root) {
  static const char *const names[] = {"link/file", "place/file", "far/moved/../mine"};
  uint64_t inside[COUNT(names)] = {0}, refused[COUNT(names)] = {0};
  uint64_t enough = argument_number(2, 200);
  bool more = true;
  for (uint32_t round = 0; more && round < 3000000; round++) {
    more = false;
    for (size_t i = 0; i < COUNT(names); i++) {
      arena_reset();
      uint8_t outcome = open_at(root, FOLLOW, names[i], 0, READ, &opened);
      if (outcome == FILES_OK) {
        if (!reads(files_borrow_descriptor(opened), 0, 100, i < 2 ? "inside" : "mine")) CHECK(false);
        files_descriptor_drop_own(opened);
        inside[i]++;
      } else {
        refused[i]++;
      }
      more |= inside[i] < enough || refused[i] < enough;
    }
    write_file(root, "link/new", "written");
    unlink_file_at(root, "place/victim");
    rename_at(root, "mine-too", root, "link/victim");
    create_directory_at(root, "place/directory");
  }
  for (size_t i = 0; i < COUNT(names); i++) CHECK(inside[i] >= enough && refused[i] >= enough);
}

bool exports_wasi_cli_run_run(void) {
  descriptor_t root = preopen(0);
  if (argument_is(1, "proc")) proc(root);
  else if (argument_is(1, "race")) race(root);
  else tree(root);
  return finish_checks();
}
