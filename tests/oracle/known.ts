/** Where Pollux and the real wasmtime 48.0.8 are known to differ, and why. A row that no longer differs is reported too. */

export interface Known {
  /** As the row is named: the guest and its arguments. */
  readonly row: string;
  /** What wasmtime says on stderr, where Pollux says nothing: whole lines. All that it says must be of the row's known ones. */
  readonly wasmtime: RegExp;
  readonly why: string;
  /** It depends on timing: wasmtime may agree in one run and not in the next. */
  readonly sometimes?: true;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why the two differ, if all of their difference is known; undefined: it is not. */
export function reasons(row: string, expected: Outcome, seen: Outcome): readonly Known[] | undefined {
  const ofRow = known.filter((each) => each.row === row);
  const [failed, well] = [expected.status === 1, seen.status === 0 && seen.stderr === ""];
  // A guest that wasmtime has ended has printed less.
  if (ofRow.length === 0 || !failed || !well || !seen.stdout.startsWith(expected.stdout)) return undefined;
  const all = new RegExp(`^(?:${ofRow.map(({ wasmtime }) => `(?:${wasmtime.source})`).join("|")})+$`);
  return all.test(expected.stderr) ? ofRow.filter(({ wasmtime }) => wasmtime.test(expected.stderr)) : undefined;
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

const misuseOfConnect =
  /Error: failed to run main module `\S+`\n\nCaused by:\n {4}0: failed to invoke `run` function\n {4}1: error while executing at wasm backtrace:\n {4}2: `connect` needs exclusive access\n\n/;

export const known: readonly Known[] = [
  {
    row: "behaviour/files-escape",
    wasmtime: /behaviour\/files-escape\.c:\d+: stat_at\(root, 0, (?:path|"up\/"), &status\): 255, expected 31\n/,
    why: linkItself,
  },
  {
    row: "replay/wasi-libc",
    wasmtime: /replay\/wasi-libc\.c:\d+: libc_recv\(&client, [^\n]*\): would-block, expected ok\n/,
    why: staleReadiness,
    sometimes: true,
  },
  {
    row: "replay/wstd",
    wasmtime: /replay\/wstd\.c:\d+: !is_ready\(&server\.input\)\n/,
    why: staleReadiness,
    sometimes: true,
  },
  {
    row: "behaviour/poll",
    wasmtime: /behaviour\/poll\.c:\d+: poll_first\(4\): 6, expected 2\n/,
    why: staleReadiness,
    sometimes: true,
  },
  {
    row: "faults/misuse",
    wasmtime: /faults\/misuse\.c:\d+: ready\.len == 1 && ready\.ptr\[0\] == 12345\n/,
    why: staleReadiness,
    sometimes: true,
  },
  { row: "udp/connected", wasmtime: misuseOfConnect, why: exclusiveAccess, sometimes: true },
  { row: "udp/polled-then-reconnected", wasmtime: misuseOfConnect, why: exclusiveAccess, sometimes: true },
];
