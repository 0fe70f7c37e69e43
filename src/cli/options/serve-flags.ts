/** The options that `pollux serve` has beside those that it shares with `run`. */
import type { Flag } from "./flag.ts";
import { parseListenAddress, parseSocketAddress } from "./socket-address.ts";
import { duration, unsigned, ValueError } from "./value.ts";

/** The largest number of anything: where numbers are still exact, which nothing reaches. */
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** A number of things, or bytes. @throws ValueError in Rust's words */
export function parseCount(text: string): number {
  const count = unsigned(text, 64n, 10);
  return Number(count > MOST ? MOST : count);
}

/** One of what a server that has none of can serve nobody. @throws ValueError */
function parsePositive(text: string): void {
  if (parseCount(text) === 0) throw new ValueError("must be at least 1");
}

function refusedBy(parse: (value: string) => unknown): NonNullable<Flag["wrong"]> {
  return (value) => {
    try {
      parse(value);
      return undefined;
    } catch (error) {
      if (error instanceof ValueError) return error.message;
      throw error;
    }
  };
}

/** As wasmtime has it: its name stands for its value. */
function count(long: string, parse: (text: string) => unknown, doc: string): Flag {
  return { long, value: long.toUpperCase().replaceAll("-", "_"), doc, repeats: false, wrong: refusedBy(parse) };
}

function time(long: string, doc: string, value = "DURATION"): Flag {
  return { long, value, doc, repeats: false, wrong: refusedBy(duration.parse) };
}

export const serveOnlyFlags: readonly Flag[] = [
  {
    long: "addr",
    value: "SOCKADDR",
    doc: "Listen on this address, or unix:PATH (default: 0.0.0.0:8080)",
    repeats: true,
    wrong: refusedBy(parseListenAddress),
  },
  {
    long: "listenfd",
    doc: "Listen on the service manager's sockets (LISTEN_FDS), as -Slistenfd does here too",
    repeats: false,
  },
  {
    long: "shutdown-addr",
    value: "SOCKADDR",
    doc: "End, as on Ctrl-C, when somebody connects to this address",
    repeats: false,
    wrong: refusedBy(parseSocketAddress),
  },
  {
    long: "no-logging-prefix",
    doc: "Leave out what begins each line that the guest writes: stdout [N] :: , of its instance N",
    repeats: false,
  },
  {
    long: "header",
    short: "H",
    value: "HEADER",
    doc: "Give every request this header field, name: value, in place of the client's; @FILE has one a line",
    repeats: true,
  },
  count("max-concurrent-requests", parsePositive, "Requests that guests work on at once; more wait (default: 1000)"),
  count("max-concurrent-connections", parsePositive, "Connections at once; more are not accepted yet (default: 1000)"),
  count(
    "max-instance-reuse-count",
    parseCount,
    "Requests that an instance takes in its life (default: 1; with WASI 0.3, 128)",
  ),
  count(
    "max-instance-concurrent-reuse-count",
    parseCount,
    "Requests that an instance works on at once (default: 1, the only number for WASI 0.2; with WASI 0.3, 16)",
  ),
  time(
    "idle-instance-timeout",
    "How long an instance waits for its next request (default: 1s)",
    "IDLE_INSTANCE_TIMEOUT",
  ),
  time("idle-timeout", "Close a connection on which no byte came that is waited for (default: 60s)"),
  time("header-timeout", "Close a connection whose request is not there so long, up to its body (default: 10s)"),
  {
    long: "max-headers",
    value: "N",
    doc: "Header fields of a request, and trailers (default: 100)",
    repeats: false,
    wrong: refusedBy(parsePositive),
  },
  {
    long: "max-header-size",
    value: "BYTES",
    doc: "Bytes of a request up to its body (default: 64 KiB)",
    repeats: false,
    wrong: refusedBy(parsePositive),
  },
  {
    long: "max-body-size",
    value: "BYTES",
    doc: "Bytes of a request's body (default: any number, for none is kept whole)",
    repeats: false,
    wrong: refusedBy(parseCount),
  },
  time("grace-period", "How long requests that are under way may take at the end (default: 10s)"),
];
