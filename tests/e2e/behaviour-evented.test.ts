/** The behaviour guests on the runtimes' own sockets. What is known to differ must fail: README's table says why. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventedHosts, guestFile, NETWORK, run } from "./host.ts";

const topics = [
  "tcp-bind",
  "tcp-connect",
  "tcp-listen",
  "tcp-options",
  "tcp-streams",
  "tcp-shutdown",
  "poll",
  "clocks",
];

const bun = ["tcp-options", "tcp-connect"];
const different: Readonly<Record<string, readonly string[]>> = {
  "bun, evented": bun,
  "binary, evented": bun,
  "deno, evented": [...bun, "tcp-bind"],
  "node, evented": ["tcp-options"],
};

for (const host of eventedHosts) {
  describe(`behaviour on ${host.name}`, { skip: host.skip }, () => {
    for (const topic of topics) {
      const known = different[host.name]!.includes(topic);
      it(known ? `${topic} (known differences)` : topic, async () => {
        const { status, stdout, stderr } = await run(host, guestFile(`behaviour/${topic}`), { flags: NETWORK });
        if (known) {
          assert.match(stderr, /^behaviour\/\S+\.c:\d+: .*(not-supported|would-block|connection-reset)/m);
          return;
        }
        assert.equal(stderr, "");
        assert.match(stdout.toString(), /^\d+ checks\n$/);
        assert.equal(status, 0);
      });
    }
  });
}
