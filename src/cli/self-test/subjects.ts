/** The subjects of the self-test: guests that check their host from inside, and some that need a client. */
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import type { NetFamily } from "../../machine/machines.ts";
import type { Bench, RunOptions } from "./bench.ts";
import { Mismatch } from "./mismatch.ts";

export interface Subject {
  readonly name: string;
  /** The sockets that it is about; absent: the program's choice. */
  readonly net?: NetFamily;
  /** Files are of the operating system alone. */
  readonly files?: true;
  /** It uses both families of addresses. */
  readonly ipv6?: true;
  readonly guest: string;
  /** @throws Mismatch */
  readonly test: (bench: Bench, net: NetFamily | undefined) => Promise<void>;
}

const NETWORK = ["-Sinherit-network", "-Sallow-ip-name-lookup"];

export const subjects: readonly Subject[] = [
  checks("streams of the process", "behaviour/stdio", { input: "0123456789" }),
  checks("clocks", "behaviour/clocks"),
  {
    name: "arguments and environment",
    guest: "args-env",
    test: async (bench) => {
      const flags = ["--argv0=name", "--env=NAME=value é"];
      const { stdout } = await bench.run("args-env", { flags, args: ["an argument"], status: 0 });
      equal(stdout, "arg name\narg an argument\nenv NAME=value é\n");
    },
  },
  { name: "exit status", guest: "exit", test: (bench) => ends(bench, "exit", ["code", "7"], 7) },
  { name: "trap", guest: "trap", test: (bench) => ends(bench, "trap", ["unreachable"], 134) },
  {
    name: "a guest that is given nothing",
    guest: "policy",
    test: async (bench) => {
      const { stdout } = await bench.run("policy", { args: ["127.0.0.1:1"], status: 0 });
      equal(
        stdout,
        "create-tcp-socket: access-denied\ncreate-udp-socket: access-denied\nresolve-addresses: permanent-resolver-failure\n",
      );
    },
  },
  { ...checks("files", "behaviour/files", { directory: "" }), files: true },
  {
    name: "files of a core module (wasip1)",
    files: true,
    guest: "p1/files",
    test: async (bench) => void (await bench.run("p1/files", { directory: "::/", status: 0 })),
  },
  ...(["posix", "evented"] as const).flatMap((net) => [
    { ...checks("poll", "behaviour/poll"), net },
    { ...checks("TCP: bind", "behaviour/tcp-bind"), net, ipv6: true as const },
    { ...checks("TCP: listen and accept", "behaviour/tcp-listen"), net },
    { ...checks("TCP: streams", "behaviour/tcp-streams"), net },
    { ...checks("TCP: half-close", "behaviour/tcp-shutdown"), net },
    { ...checks("TCP: many connections", "behaviour/tcp-queue"), net },
    { name: "TCP: a peer in another process", net, guest: "tcpecho", test: echoes },
    { ...checks("UDP: bind", "udp/bind"), net, ipv6: true as const },
    { ...checks("UDP: datagrams", "udp/streams"), net, ipv6: true as const },
    { ...checks("names", "udp/names"), net },
    { name: "HTTP server", net, guest: "http/serve-hello", test: serves },
  ]),
  // Of these the runtimes' own sockets lack some.
  { ...checks("TCP: connect", "behaviour/tcp-connect"), net: "posix", ipv6: true },
  { ...checks("TCP: options", "behaviour/tcp-options"), net: "posix" },
  { ...checks("UDP: connected", "udp/connected"), net: "posix", ipv6: true },
  { name: "--watch", guest: "exit", test: restarts },
];

/** The guests that they need. */
export const guestNames: readonly string[] = [...new Set(subjects.map(({ guest }) => guest))];

/** A guest that prints `N checks`, and on stderr a line for each that failed. */
function checks(name: string, guest: string, options: RunOptions = {}): Subject {
  return {
    name,
    guest,
    async test(bench, net) {
      const sockets = net === undefined ? [] : [`--net=${net}`];
      const { stdout } = await bench.run(guest, { ...options, flags: [...sockets, ...NETWORK], status: 0 });
      if (!/^\d+ checks\n$/.test(stdout)) throw new Mismatch(`printed ${JSON.stringify(stdout)}`);
    },
  };
}

async function ends(bench: Bench, guest: string, args: readonly string[], status: number): Promise<void> {
  await bench.run(guest, { args, status });
}

/** A client of this process's. */
async function echoes(bench: Bench, net?: NetFamily): Promise<void> {
  const flags = [`--net=${net}`, ...NETWORK];
  await using guest = bench.start("tcpecho", { flags, args: ["127.0.0.1:0", "--no-ticks"] });
  const [, port] = await guest.said(/^listening on 127\.0\.0\.1:(\d+)$/m);
  const socket = createConnection({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
  const sent = "0123456789".repeat(10_000);
  socket.end(sent);
  const echoed = await guest.during(text(socket));
  if (echoed !== sent) throw new Mismatch(`${sent.length} bytes came back as ${echoed.length}, or as others`);
}

async function serves(bench: Bench, net?: NetFamily): Promise<void> {
  await using guest = bench.start("http/serve-hello", {
    command: "serve",
    flags: [`--net=${net}`, "--addr=127.0.0.1:0"],
  });
  const [, url] = await guest.said(/(http:\/\/127\.0\.0\.1:\d+\/)/);
  const response = await guest.during(fetch(url!));
  equal(`${response.status} ${await response.text()}`, "200 Hello, World!\n");
}

async function restarts(bench: Bench): Promise<void> {
  await using guest = bench.start("exit", { flags: ["--watch"], args: ["code", "7"] });
  await guest.said(/ended with status 7/);
  bench.replace("exit", "args-env");
  await guest.said(/^arg code$/m);
}

function equal(actual: string, expected: string): void {
  if (actual !== expected) throw new Mismatch(`${JSON.stringify(actual)} in place of ${JSON.stringify(expected)}`);
}
