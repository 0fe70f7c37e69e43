import { type CommonCalls, createCommonCalls } from "./common-calls.ts";
import type { Block, Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import { type Functions, linuxSymbols, parentSymbols, signalSymbols } from "./symbols.ts";
import type { Syscalls } from "./syscalls.ts";

// <fcntl.h>
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const EPOLL_CLOEXEC = 0o2000000;
// <sys/prctl.h>, <signal.h>
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9n;
// <signal.h>: struct sigaction { void (*handler)(int); sigset_t mask; int flags; void (*restorer)(void); }, glibc and musl
const SIGACTION = 152;
const SIGACTION_FLAGS = 136;
const SA_RESETHAND = 0x8000_0000;
const SIG_DFL = 0n;

/** Linux on x64 and arm64. The numbers are the same on both (asm-generic); struct epoll_event is packed on x64 only. */
export function linux(arch: "x64" | "arm64"): Os {
  return { ...numbers, open: (ffi) => openLinux(ffi, arch) };
}

const numbers: Omit<Os, "open"> = {
  sockaddrHasLength: false,
  bufferSizeFactor: 2,
  addrinfoAddress: 24,
  // musl's only library is libc.so, which its loader also accepts under the longer name.
  libraries: ["libc.so.6", "libc.so"],
  constants: {
    AF_UNSPEC: 0,
    AF_UNIX: 1,
    AF_INET: 2,
    AF_INET6: 10,
    SOCK_STREAM: 1,
    SOCK_DGRAM: 2,
    SOL_SOCKET: 1,
    SO_REUSEADDR: 2,
    SO_TYPE: 3,
    SO_ERROR: 4,
    SO_LINGER: 13,
    SO_SNDBUF: 7,
    SO_RCVBUF: 8,
    SO_KEEPALIVE: 9,
    SO_ACCEPTCONN: 30,
    IPPROTO_IP: 0,
    IPPROTO_TCP: 6,
    IPPROTO_IPV6: 41,
    IP_TTL: 2,
    IPV6_UNICAST_HOPS: 16,
    IPV6_V6ONLY: 26,
    TCP_NODELAY: 1,
    TCP_KEEPIDLE: 4,
    TCP_KEEPINTVL: 5,
    TCP_KEEPCNT: 6,
    SHUT_RD: 0,
    SHUT_WR: 1,
    CLOCK_REALTIME: 0,
    CLOCK_MONOTONIC: 1,
    CLOCK_PROCESS_CPUTIME_ID: 2,
    RLIMIT_NOFILE: 7,
  },
  errno: {
    EPERM: 1,
    ENOENT: 2,
    EINTR: 4,
    EIO: 5,
    ENXIO: 6,
    EBADF: 9,
    EAGAIN: 11,
    ENOMEM: 12,
    EACCES: 13,
    EBUSY: 16,
    EEXIST: 17,
    EXDEV: 18,
    ENODEV: 19,
    ENOTDIR: 20,
    EISDIR: 21,
    EINVAL: 22,
    ENFILE: 23,
    EMFILE: 24,
    ENOTTY: 25,
    ETXTBSY: 26,
    EFBIG: 27,
    ENOSPC: 28,
    ESPIPE: 29,
    EROFS: 30,
    EMLINK: 31,
    EPIPE: 32,
    EDEADLK: 35,
    ENAMETOOLONG: 36,
    ENOLCK: 37,
    ENOSYS: 38,
    ENOTEMPTY: 39,
    ELOOP: 40,
    ENONET: 64,
    EPROTO: 71,
    EOVERFLOW: 75,
    EILSEQ: 84,
    EDESTADDRREQ: 89,
    EMSGSIZE: 90,
    EPROTOTYPE: 91,
    ENOPROTOOPT: 92,
    EPROTONOSUPPORT: 93,
    ESOCKTNOSUPPORT: 94,
    EOPNOTSUPP: 95,
    ENOTSUP: 95,
    EPFNOSUPPORT: 96,
    EAFNOSUPPORT: 97,
    EADDRINUSE: 98,
    EADDRNOTAVAIL: 99,
    ENETDOWN: 100,
    ENETUNREACH: 101,
    ENETRESET: 102,
    ECONNABORTED: 103,
    ECONNRESET: 104,
    ENOBUFS: 105,
    EISCONN: 106,
    ENOTCONN: 107,
    ETIMEDOUT: 110,
    ECONNREFUSED: 111,
    EHOSTDOWN: 112,
    EHOSTUNREACH: 113,
    EALREADY: 114,
    EINPROGRESS: 115,
    EDQUOT: 122,
    ENOTRECOVERABLE: 131,
  },
};

function openLinux(ffi: Ffi, arch: "x64" | "arm64"): Syscalls {
  const libc = ffi.open(numbers.libraries, linuxSymbols);
  const errno = new Int32Array(ffi.view(libc.__errno_location(), 4));
  const common = createCommonCalls(ffi, libc, errno);
  const text = common.allocate(256);
  return {
    ...common,
    pipe(fds) {
      const result = libc.pipe2(fds.pointer, O_NONBLOCK | O_CLOEXEC);
      return result === -1 ? -errno[0]! : result;
    },
    strerror(error) {
      libc.__xpg_strerror_r(error, text.pointer, text.bytes.length);
      return new TextDecoder().decode(text.bytes.slice(0, text.bytes.indexOf(0)));
    },
    endWithParent: () => void ffi.open(numbers.libraries, parentSymbols).prctl(PR_SET_PDEATHSIG, SIGKILL),
    ...signals(ffi, common),
    async loadSockets() {
      const { openLinuxSockets } = await import("./linux-sockets.ts");
      return openLinuxSockets(ffi, numbers.libraries, errno, common);
    },
    async loadFiles() {
      const { openLinuxFiles } = await import("./linux-files.ts");
      return () => openLinuxFiles(ffi, numbers.libraries, errno, common, arch);
    },
    epoll: {
      eventSize: arch === "x64" ? 12 : 16,
      dataOffset: arch === "x64" ? 4 : 8,
      create() {
        const result = libc.epoll_create1(EPOLL_CLOEXEC);
        return result === -1 ? -errno[0]! : result;
      },
      control(epoll, operation, fd, event) {
        const result = libc.epoll_ctl(epoll, operation, fd, event);
        return result === -1 ? -errno[0]! : result;
      },
      wait(epoll, events, count, timeout) {
        const result = libc.epoll_wait(epoll, events, count, timeout);
        return result === -1 ? -errno[0]! : result;
      },
    },
  };
}

/** How signals are handled. */
function signals(ffi: Ffi, { allocate }: CommonCalls): Pick<Syscalls, "handleOnce" | "isDefault"> {
  const actions = new Map<number, Block>();
  let libc: Functions<typeof signalSymbols> | undefined;
  let seen: Block | undefined;
  return {
    /**
     * Keeps the runtime's own signal action, with SA_RESETHAND: after the first signal the kernel restores the default
     * action.
     */
    handleOnce(signal) {
      libc ??= ffi.open(numbers.libraries, signalSymbols);
      let action = actions.get(signal);
      if (action === undefined) {
        action = allocate(SIGACTION);
        libc.sigaction(signal, ffi.null, action.pointer);
        const flags = action.view.getUint32(SIGACTION_FLAGS, true);
        action.view.setUint32(SIGACTION_FLAGS, flags | SA_RESETHAND, true);
        actions.set(signal, action);
      }
      libc.sigaction(signal, action.pointer, ffi.null);
    },
    isDefault(signal) {
      libc ??= ffi.open(numbers.libraries, signalSymbols);
      seen ??= allocate(SIGACTION);
      libc.sigaction(signal, ffi.null, seen.pointer);
      return seen.view.getBigUint64(0, true) === SIG_DFL;
    },
  };
}
