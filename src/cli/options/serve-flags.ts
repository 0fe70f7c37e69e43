/** The options that `pollux serve` has beside those that it shares with `run`. */
import type { Setting } from "./flag.ts";
import { duration, unsigned, ValueError } from "./groups/value.ts";
import type { ServeValues, Settings } from "./settings.ts";
import { parseListenAddress, parseSocketAddress } from "./socket-address.ts";

/** The largest number of anything: where numbers are still exact, which nothing reaches. */
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** A number of things, or bytes. @throws ValueError in Rust's words */
function parseCount(text: string): number {
  const count = unsigned(text, 64n, 10);
  return Number(count > MOST ? MOST : count);
}

/** One of what a server that has none of can serve nobody. @throws ValueError */
function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new ValueError("must be at least 1");
  return count;
}

/** An option that sets one value. */
function setting<T>(
  { long, value = placeholder(long), doc, example }: Pick<Setting, "long" | "value" | "doc" | "example">,
  parse: (text: string) => T,
  apply: (serve: ServeValues, parsed: T) => void,
): Setting {
  return {
    long,
    value,
    doc,
    ...(example === undefined ? {} : { example }),
    repeats: false,
    section: "server",
    apply: ({ serve }: Settings, text) => apply(serve, parse(text)),
  };
}

/** As wasmtime has it: its name stands for its value. */
function placeholder(long: string): string {
  return long.toUpperCase().replaceAll("-", "_");
}

type Row = Pick<Setting, "long" | "value" | "doc">;

function count(row: Row, apply: (serve: ServeValues, count: number) => void, parse = parseCount): Setting {
  return setting({ ...row, example: "1000" }, parse, apply);
}

function time(row: Row, apply: (serve: ServeValues, time: bigint) => void): Setting {
  return setting({ value: "DURATION", ...row, example: duration.example }, duration.parse, apply);
}

export const serveOnlyFlags: readonly Setting[] = [
  {
    long: "addr",
    value: "SOCKADDR",
    doc: "Listen on this address, or unix:PATH (default: 0.0.0.0:8080)",
    repeats: true,
    example: "127.0.0.1:8080",
    section: "server",
    apply: ({ serve }, text) => serve.addresses.push(parseListenAddress(text)),
  },
  {
    long: "listenfd",
    doc: "Listen on the service manager's sockets (LISTEN_FDS), as -Slistenfd does here too",
    repeats: false,
    section: "server",
    apply({ wasi }) {
      wasi.listenfd = true;
    },
  },
  setting(
    {
      long: "shutdown-addr",
      value: "SOCKADDR",
      doc: "End, as on Ctrl-C, when somebody connects to this address",
      example: "127.0.0.1:8081",
    },
    parseSocketAddress,
    (serve, address) => {
      serve.shutdownAddress = address;
    },
  ),
  {
    long: "no-logging-prefix",
    doc: "Leave out what begins each line that the guest writes: stdout [N] :: , of its instance N",
    repeats: false,
    section: "server",
    apply({ serve }) {
      serve.logPrefix = false;
    },
  },
  {
    long: "header",
    short: "H",
    value: "HEADER",
    doc: "Give every request this header field, name: value, in place of the client's; @FILE has one a line",
    repeats: true,
    section: "server",
    apply: ({ serve }, text) => serve.headers.push(text),
  },
  count(
    {
      long: "max-concurrent-requests",
      doc: "Requests that guests work on at once; more wait (default: 1000)",
    },
    ({ limits }, most) => {
      limits.maxRequests = most;
    },
    parsePositive,
  ),
  count(
    {
      long: "max-concurrent-connections",
      doc: "Connections at once; more are not accepted yet (default: 1000)",
    },
    ({ limits }, most) => {
      limits.maxConnections = most;
    },
    parsePositive,
  ),
  count(
    {
      long: "max-instance-reuse-count",
      doc: "Requests that an instance takes in its life (default: 1; with WASI 0.3, 128)",
    },
    (serve, most) => {
      serve.maxInstanceReuse = most;
    },
  ),
  count(
    {
      long: "max-instance-concurrent-reuse-count",
      doc: "Requests that an instance works on at once (default: 1, the only number for WASI 0.2; with WASI 0.3, 16)",
    },
    (serve, most) => {
      serve.maxConcurrentReuse = most;
    },
  ),
  time(
    {
      long: "idle-instance-timeout",
      value: "IDLE_INSTANCE_TIMEOUT",
      doc: "How long an instance waits for its next request (default: 1s)",
    },
    (serve, timeout) => {
      serve.idleInstanceTimeout = timeout;
    },
  ),
  time(
    { long: "idle-timeout", doc: "Close a connection on which no byte came that is waited for (default: 60s)" },
    ({ limits }, timeout) => {
      limits.idleTimeout = timeout;
    },
  ),
  time(
    {
      long: "header-timeout",
      doc: "Close a connection whose request is not there so long, up to its body (default: 10s)",
    },
    ({ limits }, timeout) => {
      limits.headerTimeout = timeout;
    },
  ),
  count(
    { long: "max-headers", value: "N", doc: "Header fields of a request, and trailers (default: 100)" },
    ({ limits }, most) => {
      limits.maxHeaders = most;
    },
    parsePositive,
  ),
  count(
    { long: "max-header-size", value: "BYTES", doc: "Bytes of a request up to its body (default: 64 KiB)" },
    ({ limits }, most) => {
      limits.maxHeaderSize = most;
    },
    parsePositive,
  ),
  count(
    {
      long: "max-body-size",
      value: "BYTES",
      doc: "Bytes of a request's body (default: any number, for none is kept whole)",
    },
    ({ limits }, most) => {
      limits.maxBodySize = most;
    },
  ),
  time(
    { long: "grace-period", doc: "How long requests that are under way may take at the end (default: 10s)" },
    (serve, period) => {
      serve.gracePeriod = period;
    },
  ),
];
