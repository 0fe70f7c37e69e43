/** Where Pollux and the real wasmtime 48.0.8 are known to differ, and why. A row that no longer differs is reported too. */

export interface Known {
  /** As the row is named: the guest and its arguments. */
  readonly row: string;
  /** What wasmtime's stderr says that Pollux's does not. */
  readonly wasmtime: RegExp;
  readonly why: string;
  /** It depends on timing: wasmtime may agree in one run and not in the next. */
  readonly sometimes?: true;
}

const staleReadiness =
  "wasmtime reports a stream ready by what tokio last saw of its socket, so a read after it may have nothing; here readiness " +
  "is exact, and the guest counts a would-block after it as a failure";

const exclusiveAccess =
  "dropping an incoming datagram stream leaves wasmtime's background receive alive for a moment, and connecting the socket " +
  "meanwhile ends the guest; here nothing is left behind";

const linkItself =
  "wasmtime looks at a symbolic link itself although a slash at the end of its path asks for what it leads to; here, as in " +
  "POSIX, the link is followed, and refused because it leads out";

export const known: readonly Known[] = [
  { row: "behaviour/files-escape", wasmtime: /stat_at\(root, 0, path, &status\): 255, expected 31/, why: linkItself },
  {
    row: "replay/wasi-libc",
    wasmtime: /libc_recv\(&client, .*\): would-block, expected ok/,
    why: staleReadiness,
    sometimes: true,
  },
  { row: "replay/wstd", wasmtime: /!is_ready\(&server\.input\)/, why: staleReadiness, sometimes: true },
  { row: "behaviour/poll", wasmtime: /poll_first\(4\): 6, expected 2/, why: staleReadiness, sometimes: true },
  { row: "faults/misuse", wasmtime: /ready\.len == 1/, why: staleReadiness, sometimes: true },
  { row: "udp/connected", wasmtime: /`connect` needs exclusive access/, why: exclusiveAccess, sometimes: true },
  {
    row: "udp/polled-then-reconnected",
    wasmtime: /`connect` needs exclusive access/,
    why: exclusiveAccess,
    sometimes: true,
  },
];
