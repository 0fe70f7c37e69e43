/** The guests that can be run on every host alike, and how each is run. */

import { plantEnds, plantEscapes, plantLibc } from "../core/files/tree.ts";
import { Client } from "../e2e/client.ts";

export interface Row {
  /** `GUEST ARGS...`, a path below tests/guests without `.wasm`. */
  readonly name: string;
  readonly flags: readonly string[];
  readonly input?: string;
  /** What stdin is, if not a pipe with the input. */
  readonly stdin?: "directory";
  /** Whom it needs to listen for: called with its port. */
  readonly peer?: (port: number) => Promise<void>;
  /** Makes what the guest is given below an empty directory; answers the flags that give it. */
  readonly plant?: (base: string) => readonly string[];
  /** Why wasmtime 47 and older cannot judge it: what changed in 48. */
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

const standardStreams: readonly Row[] = [
  { name: "behaviour/stdio", flags: [], input: "0123456789", since48: "the library's runner has its own streams" },
  {
    name: "behaviour/stdin-directory",
    flags: [],
    stdin: "directory",
    since48: "the library's runner has its own streams",
  },
  { name: "behaviour/poll-kinds", flags: names, input: "x", since48: "the library's runner has its own streams" },
];

/** Echoes a byte and resets. */
async function resets(port: number): Promise<void> {
  const client = await Client.dial(port);
  await client.send("x");
  await client.read(1);
  client.reset();
}

const reset: readonly Row[] = [
  { name: "behaviour/tcp-reset", flags: network, peer: resets, since48: "a write's error is told once" },
];

/** The cases of tests/guests/forge.c. */
const forge: readonly Row[] = [
  "unknown-handle",
  "zero-handle",
  "negative-handle",
  "wrong-type",
  "dropped-handle",
  "double-drop",
  "forged-in-list",
  "parent-before-child",
  "list-out-of-bounds",
  "list-straddles-end",
  "list-unaligned",
  "list-length-wraps",
  "bytes-out-of-bounds",
  "bytes-negative",
  "bytes-length",
  "result-out-of-bounds",
  "result-unaligned",
  "string-out-of-bounds",
  "string-not-utf8",
  "result-discriminant",
  "enum-discriminant",
  "variant-discriminant",
  "method-enum-discriminant",
  "realloc-out-of-bounds",
  "realloc-unaligned",
  "empty-poll",
  "too-many-zeroes",
  "too-long-write",
].map((name) => ({ name: `forge ${name}`, flags: network, since48: "traps' words are those of 48" }));

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
  { name: "udp/unreachable", flags: network },
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
  { ...given, name: "behaviour/stream-ends files", plant: plantEnds },
  { ...given, name: "behaviour/files-escape", plant: (base) => ["--dir", plantEscapes(base)] },
  { ...given, name: "behaviour/files-escape proc", plant: () => ["--dir", "/proc/self"] },
];

export const rows: readonly Row[] = [
  ...behaviour,
  ...standardStreams,
  ...reset,
  ...forge,
  ...files,
  ...tcpTraps,
  ...replay,
  ...udp,
  ...udpTraps,
  ...faults,
  ...policy,
];
