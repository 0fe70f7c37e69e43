import type { Runtime } from "../adapters/runtime.ts";
import type { KnownDifferences } from "./backend.ts";

/** Where the runtimes' own sockets are not what the contract says: the table in docs/runtime-sockets.md, and the tests that prove each line of it. */
export interface Difference {
  readonly what: string;
  /** Undefined: as with libc. */
  readonly on: Readonly<Partial<Record<Runtime, string>>>;
  /** Titles of the suites' tests that fail for it there. */
  readonly tests: readonly string[];
}

const families = ["ipv4", "ipv6"] as const;
const overBoth = (...titles: string[]): string[] =>
  titles.flatMap((title) => families.map((family) => `${title} over ${family}`));

const everywhere = (answer: string) => ({ node: answer, deno: answer, bun: answer });

export const differences: readonly Difference[] = [
  {
    what: "TCP: hop limit, keep-alive interval and count, buffer sizes",
    on: everywhere("`not-supported`"),
    tests: overBoth(
      "reads keep-alive-interval 1000000000 back as 1000000000",
      "reads keep-alive-count 42 back as 42",
      "reads hop-limit 255 back as 255",
      "reads hop-limit 1 back as 1",
      "reads receive-buffer-size 65536 back as 65536",
      "reads send-buffer-size 65536 back as 65536",
      "gives accepted sockets the listener's options",
      "takes the largest buffer sizes as a hint",
    ),
  },
  {
    what: "TCP: keep-alive idle time",
    on: { deno: "`not-supported`" },
    tests: overBoth(
      "reads keep-alive-idle-time 42000000000 back as 42000000000",
      "reads keep-alive-idle-time 41000000001 back as 42000000000",
      "reads keep-alive-idle-time 32767000000000 back as 32767000000000",
    ),
  },
  {
    what: "TCP: a bound socket that does not listen yet",
    on: { deno: "takes connections, which wait", bun: "takes connections, which wait" },
    tests: ["refuses peers of a bound socket that does not listen"],
  },
  {
    what: "TCP: a connect after a bind",
    on: { deno: "`not-supported`", bun: "`not-supported`" },
    tests: ["connects from the address that it was bound to"],
  },
  {
    what: "TCP: closing with bytes unread, and a peer that is not let in",
    on: { deno: "the peer sees the end of the stream, no reset" },
    tests: ["reports a reset once it has come", "closes with a reset where one is asked for"],
  },
  {
    what: "TCP: a connect that was given up",
    on: { bun: "goes on to its end" },
    // net/leak.test.ts
    tests: [],
  },
  {
    what: "TCP: a connection that there is no descriptor for",
    on: { node: "is closed", bun: "waits; the event loop spins" },
    // e2e/descriptors-evented.test.ts
    tests: [],
  },
  {
    what: "TCP: an IPv4 peer of a socket bound to `::`",
    on: { deno: "is connected, then closed at once" },
    tests: ["keeps IPv6 sockets from IPv4 peers"],
  },
  {
    what: "TCP: a reset after the peer has shut down its side",
    on: everywhere("is told by the next send"),
    tests: ["tells a connection that is over from one that is half-closed"],
  },
  {
    what: "TCP: what an aborted guest had sent, where its peer is slow to take it",
    on: { node: "is given up with a reset", deno: "is given up, without a reset" },
    // sent.test.ts
    tests: [],
  },
  {
    what: "UDP: what ICMP says of an earlier datagram",
    on: { node: "is not heard", deno: "is not heard" },
    tests: ["hears of a port that nobody listens on"],
  },
  {
    what: "UDP: buffer sizes",
    on: { bun: "`not-supported`" },
    tests: overBoth(
      "reads receive-buffer-size back",
      "reads send-buffer-size back",
      "takes options before the bind, which hold after it",
    ),
  },
  {
    what: "UDP: buffer sizes before the bind, unless they were set",
    on: everywhere("`not-supported`"),
    tests: overBoth("tells buffer sizes before the bind"),
  },
  {
    what: "UDP: what others sent while the socket had a peer, and nobody has waited since",
    on: everywhere("comes when it has none"),
    tests: overBoth("hears nothing of what others sent while it had a peer"),
  },
  {
    what: "UDP: the local address with a peer, of a socket bound to a wildcard",
    on: everywhere("stays the wildcard"),
    tests: ["has the address of its route once it has a peer"],
  },
  {
    what: "UDP: a peer without a route",
    on: everywhere("is taken"),
    tests: ["refuses a peer that its address has no route to"],
  },
  {
    what: "stdin that a guest waited for, in the library",
    on: { deno: "keeps the program alive until something comes" },
    // library/stdin.test.ts
    tests: [],
  },
  {
    what: "scopes of IPv6 addresses",
    on: everywhere("are ignored: no link-local addresses"),
    // e2e/behaviour.test.ts: scope
    tests: [],
  },
];

export function knownDifferences(runtime: Runtime): KnownDifferences {
  const here = differences.flatMap(({ what, on, tests }) => {
    const answer = on[runtime];
    return answer === undefined ? [] : tests.map((title) => [title, `${what}: ${answer}`] as const);
  });
  return Object.fromEntries(here);
}

/** The table in docs/runtime-sockets.md. */
export function differencesTable(): string {
  const runtimes = ["node", "deno", "bun"] as const;
  const rows = differences.map(({ what, on }) => [what, ...runtimes.map((runtime) => on[runtime] ?? "as with libc")]);
  const lines = [["", "Node", "Deno", "Bun"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
