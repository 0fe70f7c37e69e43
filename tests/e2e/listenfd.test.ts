/** --listenfd with a parent that hands over two sockets, as systemd does, and what it may say of them (sd_listen_fds(3)). */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { TcpHandle } from "../../src/machine/sockets.ts";
import { blockingWaiter, close, listen, ok, type Waiter } from "../backends/sockets.ts";
import { createMachine } from "../machine.ts";
import { Client } from "./client.ts";
import { eventedHosts, type Guest, guestFile, type Host, hosts, start } from "./host.ts";

type Environment = Readonly<Record<string, string>>;

/** In the process that takes the program's place. */
const OWN = "own";

describe("--listenfd", () => {
  // Pollux's own sockets, for those of Node would accept their clients themselves.
  let waiter: Waiter;
  let listeners: readonly TcpHandle[];
  before(async () => {
    waiter = blockingWaiter(await createMachine());
    listeners = await Promise.all([listen(waiter), listen(waiter)]);
  });
  after(() => {
    for (const listener of listeners) close(waiter, listener);
  });

  /** The host's command with the sockets as its descriptors 3 and 4, told of by `env`. */
  function activate(host: Host, { LISTEN_PID: pid, ...env }: Environment): Guest {
    const setPid = pid === OWN ? 'LISTEN_PID=$$ exec "$@"' : 'exec "$@"';
    return start({ ...host, command: ["sh", "-c", setPid, "sh", ...host.command] }, guestFile("p1/activated"), {
      flags: ["--listenfd"],
      env: { LISTEN_FDNAMES: "a:b", ...env, ...(pid === undefined || pid === OWN ? {} : { LISTEN_PID: pid }) },
      pass: listeners.map(({ source }) => source.id),
    });
  }

  const given: readonly (readonly [string, Environment])[] = [
    ["for this process", { LISTEN_FDS: "2", LISTEN_PID: OWN }],
    ["for whom it concerns", { LISTEN_FDS: "2" }],
  ];
  const notGiven: readonly (readonly [string, Environment])[] = [
    ["for another process", { LISTEN_FDS: "2", LISTEN_PID: "1" }],
    ["for a process that is none", { LISTEN_FDS: "2", LISTEN_PID: "" }],
    ["of which there are none", { LISTEN_FDS: "0" }],
    ["nobody speaks of", {}],
  ];
  const wrong: readonly (readonly [string, string])[] = [
    ["2abc", "LISTEN_FDS is no number of sockets: 2abc"],
    ["-2", "LISTEN_FDS is no number of sockets: -2"],
    ["99999999999", "LISTEN_FDS is no number of sockets: 99999999999"],
    ["1000000", "file descriptor 5 of LISTEN_FDS is no listening TCP socket"],
  ];

  for (const host of hosts) {
    describe(`on ${host.name}`, { skip: host.skip }, () => {
      for (const [what, env] of given) {
        it(`sockets ${what} are the guest's, in order`, async () => {
          await using guest = activate(host, env);
          await guest.waitFor(/^2 sockets, LISTEN_FDS 2, LISTEN_FDNAMES a:b, LISTEN_PID none$/m);
          for (const [i, listener] of listeners.entries()) {
            const client = await Client.dial(ok(listener.localAddress()).val.port);
            assert.equal((await client.readToEnd()).toString(), `descriptor ${3 + i}`);
            client.close();
          }
          const { status, stderr } = await guest.outcome();
          assert.deepEqual([stderr, status], ["", 0]);
        });
      }

      for (const [what, env] of notGiven) {
        it(`sockets ${what} are not, and it is told of none`, async () => {
          await using guest = activate(host, env);
          const { stdout, stderr, status } = await guest.outcome();
          assert.equal(stdout.toString(), "0 sockets, LISTEN_FDS none, LISTEN_FDNAMES none, LISTEN_PID none\n");
          assert.deepEqual([stderr, status], ["", 0]);
        });
      }

      for (const [count, message] of wrong) {
        it(`LISTEN_FDS=${count}: ${message}`, async () => {
          await using guest = activate(host, { LISTEN_FDS: count });
          const { stdout, stderr, status } = await guest.outcome();
          assert.deepEqual([stdout.toString(), stderr, status], ["", `Error: ${message}\n`, 1]);
        });
      }
    });
  }

  for (const host of eventedHosts) {
    it(`${host.name}: sockets of its own cannot be others'`, { skip: host.skip }, async () => {
      await using guest = activate(host, { LISTEN_FDS: "2" });
      const { stderr, status } = await guest.outcome();
      assert.deepEqual(
        [stderr, status],
        ["Error: --listenfd needs --net=posix: the runtime cannot take the sockets of LISTEN_FDS\n", 1],
      );
    });
  }
});
