/**
 * The functions of libc that Pollux calls, in one table. Each runtime's adapter translates it into its own FFI
 * declarations.
 *
 * `int` is a C int. `size` is a size_t or ssize_t, passed and returned as a 32-bit integer because 64-bit ones cost a
 * bigint on V8 (Pollux never moves more than 1 MiB in a call, and a non-negative i32 fills its register's upper half
 * with zeros on x64 and arm64). `long` is a 64-bit integer, a bigint, for offsets in files. `pointer` is whatever the
 * runtime's FFI accepts fastest for an address.
 */
export type CType = "int" | "size" | "long" | "pointer";

export interface CSignature {
  readonly parameters: readonly CType[];
  readonly result: CType;
}

/**
 * An address: a number on Bun, a bigint on Node, a pointer object on Deno. Only the runtime's adapter looks into one.
 */
export type Pointer = number | bigint | object | null;

/** In every libc; used by every guest. */
export const commonSymbols = {
  // ssize_t read(int fd, void *buffer, size_t count);
  read: { parameters: ["int", "pointer", "size"], result: "size" },
  // ssize_t write(int fd, const void *buffer, size_t count);
  write: { parameters: ["int", "pointer", "size"], result: "size" },
  // int close(int fd);
  close: { parameters: ["int"], result: "int" },
  // int poll(struct pollfd *fds, nfds_t count, int timeout);
  poll: { parameters: ["pointer", "size", "int"], result: "int" },
  // int isatty(int fd);
  isatty: { parameters: ["int"], result: "int" },
  // int clock_gettime(clockid_t clock, struct timespec *time);
  clock_gettime: { parameters: ["int", "pointer"], result: "int" },
  // void *calloc(size_t count, size_t size);
  calloc: { parameters: ["size", "size"], result: "pointer" },
} as const satisfies Readonly<Record<string, CSignature>>;

export const linuxSymbols = {
  ...commonSymbols,
  // int *__errno_location(void);
  __errno_location: { parameters: [], result: "pointer" },
  // int __xpg_strerror_r(int error, char *buffer, size_t length);  (POSIX's strerror_r, in glibc and musl)
  __xpg_strerror_r: { parameters: ["int", "pointer", "size"], result: "int" },
  // int pipe2(int fds[2], int flags);
  pipe2: { parameters: ["pointer", "int"], result: "int" },
  // int epoll_create1(int flags);
  epoll_create1: { parameters: ["int"], result: "int" },
  // int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
  epoll_ctl: { parameters: ["int", "int", "int", "pointer"], result: "int" },
  // int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout);
  epoll_wait: { parameters: ["int", "pointer", "int", "int"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

export const macosSymbols = {
  ...commonSymbols,
  // int *__error(void);
  __error: { parameters: [], result: "pointer" },
  // int strerror_r(int error, char *buffer, size_t length);
  strerror_r: { parameters: ["int", "pointer", "size"], result: "int" },
  // int pipe(int fds[2]);
  pipe: { parameters: ["pointer"], result: "int" },
  // int fcntl(int fd, int command, ...);
  fcntl: { parameters: ["int", "int", "int", "int", "int", "int", "int", "int", "int"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

/** Sockets, in every libc. Opened for guests that import them. */
export const socketSymbols = {
  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["int", "int", "int"], result: "int" },
  // int bind(int fd, const struct sockaddr *address, socklen_t length);
  bind: { parameters: ["int", "pointer", "int"], result: "int" },
  // int connect(int fd, const struct sockaddr *address, socklen_t length);
  connect: { parameters: ["int", "pointer", "int"], result: "int" },
  // int listen(int fd, int backlog);
  listen: { parameters: ["int", "int"], result: "int" },
  // int shutdown(int fd, int how);
  shutdown: { parameters: ["int", "int"], result: "int" },
  // int getsockname(int fd, struct sockaddr *address, socklen_t *length);
  getsockname: { parameters: ["int", "pointer", "pointer"], result: "int" },
  // int getpeername(int fd, struct sockaddr *address, socklen_t *length);
  getpeername: { parameters: ["int", "pointer", "pointer"], result: "int" },
  // int getsockopt(int fd, int level, int name, void *value, socklen_t *length);
  getsockopt: { parameters: ["int", "int", "int", "pointer", "pointer"], result: "int" },
  // int setsockopt(int fd, int level, int name, const void *value, socklen_t length);
  setsockopt: { parameters: ["int", "int", "int", "pointer", "int"], result: "int" },
  // ssize_t recv(int socket, void *buffer, size_t length, int flags);
  recv: { parameters: ["int", "pointer", "size", "int"], result: "size" },
  // ssize_t send(int socket, const void *buffer, size_t length, int flags);
  send: { parameters: ["int", "pointer", "size", "int"], result: "size" },
  // ssize_t recvmsg(int fd, struct msghdr *message, int flags);
  recvmsg: { parameters: ["int", "pointer", "int"], result: "size" },
  // ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
  sendmsg: { parameters: ["int", "pointer", "int"], result: "size" },
  // int dup2(int fd, int as);
  dup2: { parameters: ["int", "int"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

export const linuxSocketSymbols = {
  ...socketSymbols,
  // int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
  accept4: { parameters: ["int", "pointer", "pointer", "int"], result: "int" },
  // int fcntl(int fd, int command, ...);
  fcntl: { parameters: ["int", "int", "int"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

export const macosSocketSymbols = {
  ...socketSymbols,
  // int accept(int fd, struct sockaddr *address, socklen_t *length);
  accept: { parameters: ["int", "pointer", "pointer"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

/** Name look-up, in every libc. Opened at a guest's first look-up. */
export const lookupSymbols = {
  // int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result);
  getaddrinfo: { parameters: ["pointer", "pointer", "pointer", "pointer"], result: "int" },
  // void freeaddrinfo(struct addrinfo *result);  (void is declared as an int, which is ignored)
  freeaddrinfo: { parameters: ["pointer"], result: "int" },
  // void *memcpy(void *to, const void *from, size_t count);
  memcpy: { parameters: ["pointer", "pointer", "size"], result: "pointer" },
} as const satisfies Readonly<Record<string, CSignature>>;

// void *dlsym(void *handle, const char *symbol);
const dlsym = { parameters: ["pointer", "pointer"], result: "pointer" } as const;

/** In glibc, since 2.34 in libc itself. */
export const asyncLookupSymbols = {
  // int getaddrinfo_a(int mode, struct gaicb *list[], int count, struct sigevent *notify);
  getaddrinfo_a: { parameters: ["int", "pointer", "int", "pointer"], result: "int" },
  // int gai_error(struct gaicb *request);
  gai_error: { parameters: ["pointer"], result: "int" },
  dlsym,
} as const satisfies Readonly<Record<string, CSignature>>;

/** Ends the process from any of its threads. */
export const exitSymbols = {
  // void _exit(int status);  (void is declared as an int, which is ignored)
  _exit: { parameters: ["int"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

/** Timers that call a function on a thread that libc starts: glibc, since 2.34 in libc itself, and musl. */
export const timerSymbols = {
  calloc: commonSymbols.calloc,
  dlsym,
  // int timer_create(clockid_t clock, struct sigevent *event, timer_t *timer);
  timer_create: { parameters: ["int", "pointer", "pointer"], result: "int" },
  // int timer_settime(timer_t timer, int flags, const struct itimerspec *time, struct itimerspec *old);
  // glibc sets the highest bit of the timer's address, so Bun could not hold it as a pointer.
  timer_settime: { parameters: ["long", "int", "pointer", "pointer"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

/** The process's limits, in every libc. */
export const limitSymbols = {
  // int getrlimit(int resource, struct rlimit *limit);
  getrlimit: { parameters: ["int", "pointer"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

/** Ties a process to its parent, on Linux. */
export const parentSymbols = {
  // int prctl(int option, ...);  for PR_SET_PDEATHSIG: unsigned long signal
  prctl: { parameters: ["int", "long"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

/** Signal handling, on Linux. */
export const signalSymbols = {
  // int sigaction(int signal, const struct sigaction *action, struct sigaction *old);
  sigaction: { parameters: ["int", "pointer", "pointer"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

// int open(const char *path, int flags, ...);
const open = { parameters: ["pointer", "int"], result: "int" } as const;

// off_t lseek(int fd, off_t offset, int whence);
const lseek = { parameters: ["int", "long", "int"], result: "long" } as const;

/** Reads a file to its end, in every libc. */
export const readingSymbols = {
  open,
  lseek,
  read: commonSymbols.read,
  close: commonSymbols.close,
} as const satisfies Readonly<Record<string, CSignature>>;

// int statx(int directory, const char *path, int flags, unsigned mask, struct statx *stat);
const statx = { parameters: ["int", "pointer", "int", "int", "pointer"], result: "int" } as const;

/** Checks a file's owner and reads it, on Linux. */
export const linuxPrivateFileSymbols = {
  open,
  statx,
  read: commonSymbols.read,
  close: commonSymbols.close,
} as const satisfies Readonly<Record<string, CSignature>>;

/** Files, on Linux (glibc 2.30, musl 1.2.5). Opened with the first directory that a guest is given. */
export const linuxFileSymbols = {
  open,
  lseek,
  // ssize_t tee(int from, int to, size_t count, unsigned flags);
  tee: { parameters: ["int", "int", "size", "int"], result: "size" },
  // long syscall(long number, ...);  for openat2(2): int directory, const char *path, struct open_how *how, size_t size
  syscall: { parameters: ["size", "int", "pointer", "pointer", "size"], result: "int" },
  statx,
  // ssize_t pread(int fd, void *buffer, size_t count, off_t offset);
  pread: { parameters: ["int", "pointer", "size", "long"], result: "size" },
  // ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset);
  pwrite: { parameters: ["int", "pointer", "size", "long"], result: "size" },
  // ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t offset, int flags);
  pwritev2: { parameters: ["int", "pointer", "int", "long", "int"], result: "size" },
  // int ftruncate(int fd, off_t length);
  ftruncate: { parameters: ["int", "long"], result: "int" },
  // int posix_fadvise(int fd, off_t offset, off_t length, int advice);  (returns the errno itself)
  posix_fadvise: { parameters: ["int", "long", "long", "int"], result: "int" },
  // int fsync(int fd);
  fsync: { parameters: ["int"], result: "int" },
  // int fdatasync(int fd);
  fdatasync: { parameters: ["int"], result: "int" },
  // int utimensat(int directory, const char *path, const struct timespec times[2], int flags);
  utimensat: { parameters: ["int", "pointer", "pointer", "int"], result: "int" },
  // ssize_t getdents64(int fd, void *entries, size_t size);
  getdents64: { parameters: ["int", "pointer", "size"], result: "size" },
  // int mkdirat(int directory, const char *path, mode_t mode);
  mkdirat: { parameters: ["int", "pointer", "int"], result: "int" },
  // int unlinkat(int directory, const char *path, int flags);
  unlinkat: { parameters: ["int", "pointer", "int"], result: "int" },
  // ssize_t readlinkat(int directory, const char *path, char *text, size_t size);
  readlinkat: { parameters: ["int", "pointer", "pointer", "size"], result: "size" },
  // int symlinkat(const char *target, int directory, const char *path);
  symlinkat: { parameters: ["pointer", "int", "pointer"], result: "int" },
  // int linkat(int directory, const char *path, int newDirectory, const char *newPath, int flags);
  linkat: { parameters: ["int", "pointer", "int", "pointer", "int"], result: "int" },
  // int renameat(int directory, const char *path, int newDirectory, const char *newPath);
  renameat: { parameters: ["int", "pointer", "int", "pointer"], result: "int" },
} as const satisfies Readonly<Record<string, CSignature>>;

type JsType<T extends CType> = T extends "pointer" ? Pointer : T extends "long" ? bigint : number;

type JsTypes<T extends readonly CType[]> = { -readonly [I in keyof T]: JsType<T[I]> };

/** The functions of a symbol table, callable. */
export type Functions<Table extends Readonly<Record<string, CSignature>>> = {
  readonly [Name in keyof Table]: (...args: JsTypes<Table[Name]["parameters"]>) => JsType<Table[Name]["result"]>;
};
