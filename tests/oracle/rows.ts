/** The guests that need no peer but themselves, and how each is run: the same for every runner. */

import { plantEscapes, plantLibc } from "../filesystem/tree.ts";

export interface Row {
  /** `GUEST ARGS...`, a path below tests/guests without `.wasm`. */
  readonly name: string;
  readonly flags: readonly string[];
  readonly input?: string;
  /** Makes what the guest is given below an empty directory; answers the flags that give it. */
  readonly plant?: (base: string) => readonly string[];
  /** Why wasmtime 47 and older cannot judge it (section E of its behaviour): what changed in 48. */
  readonly since48?: string;
}

const network = ["-Sinherit-network"];
const names = [...network, "-Sallow-ip-name-lookup"];

const strictPermits = "TCP permits and the state machine's error codes are those of 48";

const behaviour: readonly Row[] = [
  "tcp-bind",
  "tcp-connect",
  "tcp-listen",
  "tcp-options",
  "tcp-streams",
  "tcp-shutdown",
  "tcp-queue",
  "poll",
  "clocks",
].map((topic) => ({ name: `behaviour/${topic}`, flags: network, since48: strictPermits }));

const tcpTraps: readonly Row[] = [
  "write-without-permit",
  "write-beyond-permit",
  "write-twice-on-one-permit",
  "write-while-writing",
  "write-nothing-while-writing",
  "zeroes-while-writing",
  "write-while-closing",
  "zeroes-beyond-permit",
  "socket-before-input",
  "socket-before-output",
  "input-before-pollable",
  "output-before-pollable",
].map((trap) => ({ name: `behaviour/tcp-traps ${trap}`, flags: network, since48: strictPermits }));

const replay: readonly Row[] = ["wasi-libc", "rust-std", "mio", "tokio", "wstd", "tinygo"].map((library) => ({
  name: `replay/${library}`,
  flags: names,
  since48: "what is left of a failed connect, and of a stream that was dropped with bytes queued",
}));

const udp: readonly Row[] = [
  { name: "udp/bind", flags: network, since48: "the policy comes after state and arguments" },
  { name: "udp/options", flags: network },
  { name: "udp/streams", flags: network, since48: "a receive answers at most 16 datagrams" },
  { name: "udp/connected", flags: network },
  { name: "udp/peer", flags: network },
  { name: "udp/polled-then-reconnected", flags: network },
  { name: "udp/names", flags: names, since48: "a failed look-up fails every time it is asked" },
  { name: "udp/names denied", flags: network, since48: "permission is asked before the name is read" },
];

const udpTraps: readonly Row[] = [
  "stream-twice",
  "stream-beside-incoming",
  "stream-beside-outgoing",
  "send-unasked",
  "send-too-many",
  "send-twice",
  "socket-before-streams",
  "stream-before-pollable",
  "socket-before-pollable",
].map((trap) => ({ name: `udp/traps ${trap}`, flags: network }));

const policies: readonly (readonly string[])[] = [
  [],
  ["-Stcp"],
  ["-Sudp"],
  network,
  ["-Sinherit-network,tcp=n"],
  ["-Sinherit-network,udp=n"],
  names,
];

const faults: readonly Row[] = [
  { name: "faults/misuse", flags: network, since48: "what a wrong call on a connected socket answers" },
];

/** `policy` connects to a port that nobody listens on: refused wherever it is allowed. */
const policy: readonly Row[] = policies.map((flags) => ({
  name: "policy 127.0.0.1:1",
  flags,
  since48: "sockets are denied when they are made, a connect when it finishes",
}));

const given: Pick<Row, "flags" | "since48"> = { flags: [], since48: "the library's runner gives no directories" };

const files: readonly Row[] = [
  { ...given, name: "behaviour/files", plant: (base) => ["--dir", base] },
  { ...given, name: "behaviour/files-libc", plant: plantLibc },
  { ...given, name: "behaviour/files-escape", plant: (base) => ["--dir", plantEscapes(base)] },
  { ...given, name: "behaviour/files-escape proc", plant: () => ["--dir", "/proc/self"] },
];

export const rows: readonly Row[] = [
  ...behaviour,
  ...files,
  ...tcpTraps,
  ...replay,
  ...udp,
  ...udpTraps,
  ...faults,
  ...policy,
];
