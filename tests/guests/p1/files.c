/* wasi-libc's files over wasip1, beneath the directory that the host gave as `/`. Asserts inside. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      printf("line %d: %s (errno %d: %s)\n", __LINE__, #condition, errno, strerror(errno)); \
      exit(1);                                                                          \
    }                                                                                   \
  } while (0)

int main(void) {
  char buffer[64];
  struct stat stat;

  /* Writing, in pieces, at offsets, at the end. */
  int fd = open("/one", O_RDWR | O_CREAT | O_EXCL, 0644);
  CHECK(fd >= 0);
  CHECK(open("/one", O_RDWR | O_CREAT | O_EXCL, 0644) == -1 && errno == EEXIST);
  struct iovec pieces[] = {{"he", 2}, {"", 0}, {"llo world", 9}};
  CHECK(writev(fd, pieces, 3) == 11);
  CHECK(pwrite(fd, "J", 1, 0) == 1 && lseek(fd, 0, SEEK_CUR) == 11);
  CHECK(lseek(fd, -5, SEEK_END) == 6 && read(fd, buffer, 64) == 5 && memcmp(buffer, "world", 5) == 0);
  CHECK(read(fd, buffer, 64) == 0);
  CHECK(lseek(fd, -1, SEEK_SET) == -1 && errno == EINVAL);
  char head[2], tail[64];
  struct iovec into[] = {{head, 2}, {tail, 64}};
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && readv(fd, into, 2) == 11 && memcmp(head, "Je", 2) == 0);
  CHECK(memcmp(tail, "llo world", 9) == 0);
  CHECK(pread(fd, buffer, 4, 6) == 4 && memcmp(buffer, "worl", 4) == 0);
  CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0 && lseek(fd, 0, SEEK_SET) == 0 && write(fd, "!", 1) == 1);
  CHECK(fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size == 12 && stat.st_nlink == 1);
  CHECK(lseek(fd, 0, SEEK_CUR) == 12);

  /* A file is always ready; at its end that is a hang-up. */
  struct pollfd poller = {.fd = fd, .events = POLLIN};
  CHECK(poll(&poller, 1, -1) == 1 && (poller.revents & POLLHUP) != 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && poll(&poller, 1, -1) == 1 && poller.revents == POLLIN);

  CHECK(ftruncate(fd, 4) == 0 && fstat(fd, &stat) == 0 && stat.st_size == 4);
  struct timespec times[2] = {{.tv_sec = 1000, .tv_nsec = 5}, {.tv_sec = 2000, .tv_nsec = 7}};
  CHECK(futimens(fd, times) == 0 && fstat(fd, &stat) == 0);
  CHECK(stat.st_atim.tv_sec == 1000 && stat.st_mtim.tv_sec == 2000 && stat.st_mtim.tv_nsec == 7);
  CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
  CHECK(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
  CHECK(posix_fallocate(fd, 0, 100) == ENOTSUP);
  CHECK(close(fd) == 0 && read(fd, buffer, 1) == -1 && errno == EBADF);

  /* Opened to read, a file cannot be written; and the other way round. */
  CHECK((fd = open("/one", O_RDONLY)) >= 0 && write(fd, "x", 1) == -1 && errno == EBADF && close(fd) == 0);
  CHECK((fd = open("/one", O_WRONLY)) >= 0 && read(fd, buffer, 1) == -1 && errno == EBADF && close(fd) == 0);

  /* Paths. */
  CHECK(mkdir("/dir", 0755) == 0 && mkdir("/dir", 0755) == -1 && errno == EEXIST);
  CHECK(rename("/one", "/dir/two") == 0 && access("/one", F_OK) == -1 && errno == ENOENT);
  CHECK(link("/dir/two", "/dir/three") == 0 && lstat("/dir/three", &stat) == 0 && stat.st_nlink == 2);
  CHECK(symlink("two", "/dir/soft") == 0 && readlink("/dir/soft", buffer, 64) == 3 && memcmp(buffer, "two", 3) == 0);
  CHECK(readlink("/dir/soft", buffer, 2) == 2);
  CHECK(lstat("/dir/soft", &stat) == 0 && S_ISLNK(stat.st_mode));
  CHECK(open("/dir/two/x", O_RDONLY) == -1 && errno == ENOTDIR);
  CHECK(open("/dir", O_WRONLY) == -1 && errno == EISDIR);
  CHECK(open("/dir/two", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
  CHECK(open("/../etc/passwd", O_RDONLY) == -1);
  CHECK(symlink("/etc/passwd", "/dir/out") == -1 && errno == EPERM);
  CHECK(unlink("/dir") == -1 && rmdir("/dir") == -1 && errno == ENOTEMPTY);

  /* A directory of more entries than fit in one fd_readdir. */
  for (int i = 0; i < 500; i++) {
    snprintf(buffer, sizeof buffer, "/dir/a-name-that-takes-some-room-%03d", i);
    CHECK((fd = open(buffer, O_WRONLY | O_CREAT, 0644)) >= 0 && close(fd) == 0);
  }
  DIR *dir = opendir("/dir");
  CHECK(dir != NULL);
  int files = 0, links = 0;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    files += entry->d_type == DT_REG;
    links += entry->d_type == DT_LNK;
    if (strcmp(entry->d_name, "two") == 0) CHECK(lstat("/dir/two", &stat) == 0 && stat.st_ino == entry->d_ino);
  }
  CHECK(files == 502 && links == 1);
  CHECK(closedir(dir) == 0);
  puts("ok");
}
