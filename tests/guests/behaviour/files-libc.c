// Files by libc, through the preview1 adapter. Two directories are given: an empty one as `/files`, and `data` with a file in it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define FAILS(call, error) (errno = 0, CHECK((call) < 0 && errno == (error)))

static void text(void) {
  char line[64] = "";
  FILE *file = fopen("/files/notes.txt", "w+");
  if (!CHECK(file != NULL)) return;
  for (int i = 0; i < 10000; i++) fprintf(file, "line %d\n", i);
  CHECK(fseek(file, 7, SEEK_SET) == 0 && fgets(line, sizeof line, file) != NULL && strcmp(line, "line 1\n") == 0);
  CHECK(fseek(file, -10, SEEK_END) == 0 && fgets(line, sizeof line, file) != NULL && strcmp(line, "line 9999\n") == 0);
  CHECK(ftell(file) == 98890);
  CHECK(fclose(file) == 0);
  CHECK((file = fopen("/files/notes.txt", "a")) != NULL && fputs("end\n", file) >= 0 && fclose(file) == 0);
  struct stat status;
  CHECK(stat("/files/notes.txt", &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 98894);
  CHECK(truncate("/files/notes.txt", 6) == 0);
  CHECK((file = fopen("/files/notes.txt", "r")) != NULL && fgets(line, sizeof line, file) != NULL &&
        strcmp(line, "line 0") == 0 && fgets(line, sizeof line, file) == NULL && feof(file) && fclose(file) == 0);
}

static void directories(void) {
  struct stat status;
  FAILS(mkdir("/files/a/b", 0777), ENOENT);
  CHECK(mkdir("/files/a", 0777) == 0 && mkdir("/files/a/b", 0777) == 0);
  FAILS(mkdir("/files/a", 0777), EEXIST);
  CHECK(rename("/files/notes.txt", "/files/a/b/notes.txt") == 0);
  FAILS(stat("/files/notes.txt", &status), ENOENT);
  CHECK(stat("/files/a/b/../b/notes.txt", &status) == 0 && status.st_size == 6);
  CHECK(symlink("b/notes.txt", "/files/a/link") == 0);
  char target[32] = "";
  CHECK(readlink("/files/a/link", target, sizeof target) == 11 && strcmp(target, "b/notes.txt") == 0);
  CHECK(lstat("/files/a/link", &status) == 0 && S_ISLNK(status.st_mode));
  CHECK(stat("/files/a/link", &status) == 0 && S_ISREG(status.st_mode));
  CHECK(link("/files/a/b/notes.txt", "/files/a/hard") == 0);
  ino_t inode = status.st_ino;
  CHECK(stat("/files/a/hard", &status) == 0 && status.st_ino == inode && status.st_nlink == 2);

  DIR *directory = opendir("/files/a");
  if (CHECK(directory != NULL)) {
    int found = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
      if (strcmp(entry->d_name, "b") == 0) found += entry->d_type == DT_DIR;
      else if (strcmp(entry->d_name, "hard") == 0) found += entry->d_type == DT_REG && entry->d_ino == inode;
      else if (strcmp(entry->d_name, "link") == 0) found += entry->d_type == DT_LNK;
      else found += entry->d_name[0] == '.' ? 0 : 100;
    }
    CHECK(found == 3);
    CHECK(closedir(directory) == 0);
  }
  FAILS(rmdir("/files/a"), ENOTEMPTY);
  FAILS(unlink("/files/a/none"), ENOENT);
  CHECK(unlink("/files/a/link") == 0 && unlink("/files/a/hard") == 0 && unlink("/files/a/b/notes.txt") == 0);
  CHECK(rmdir("/files/a/b") == 0 && rmdir("/files/a") == 0);
}

static void descriptors(void) {
  char bytes[16] = "";
  int fd = open("/files/raw", O_CREAT | O_EXCL | O_RDWR, 0666);
  if (!CHECK(fd >= 0)) return;
  CHECK(write(fd, "0123456789", 10) == 10 && lseek(fd, 3, SEEK_SET) == 3 && read(fd, bytes, 4) == 4 &&
        memcmp(bytes, "3456", 4) == 0);
  CHECK(pwrite(fd, "AB", 2, 8) == 2 && pread(fd, bytes, 16, 7) == 3 && memcmp(bytes, "7AB", 3) == 0);
  CHECK(ftruncate(fd, 20) == 0 && lseek(fd, 0, SEEK_END) == 20);
  CHECK(fsync(fd) == 0 && close(fd) == 0);
  fd = open("/files/raw", O_WRONLY | O_APPEND);
  CHECK(fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 && write(fd, "tail", 4) == 4 && close(fd) == 0);
  fd = open("/files/raw", O_RDONLY);
  CHECK(fd >= 0 && pread(fd, bytes, 16, 20) == 4 && memcmp(bytes, "tail", 4) == 0 && close(fd) == 0);
  FAILS(open("/files/raw", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST);
  FAILS(open("/files/raw/x", O_RDONLY), ENOTDIR);
  CHECK(unlink("/files/raw") == 0);
}

static void elsewhere(void) {
  char line[16] = "";
  struct stat status;
  FILE *file = fopen("data/given", "r");
  CHECK(file != NULL && fgets(line, sizeof line, file) != NULL && strcmp(line, "given") == 0 && fclose(file) == 0);
  CHECK(rename("data/given", "/files/taken") == 0 && rename("/files/taken", "data/given") == 0);
  FAILS(stat("/files/../etc/passwd", &status), EPERM);
  CHECK(stat("/etc/passwd", &status) < 0);
  CHECK(stat("data/../data/given", &status) < 0);
}

bool exports_wasi_cli_run_run(void) {
  text();
  directories();
  descriptors();
  elsewhere();
  return finish_checks();
}
