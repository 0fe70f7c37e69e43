/** Fifos in a directory that a guest was given, of wasip1 and of 0.2, on every host and in both ways of waiting: as on Linux. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Temporary } from "../core/files/tree.ts";
import { commandComponent } from "./command-component.ts";
import { type Guest, guestFile, type Host, start, waitingHosts } from "./host.ts";

const built = new Temporary();
after(() => built[Symbol.dispose]());

const guests = { wasip1: guestFile("p1/fifo"), "0.2": join(built.path, "fifo.wasm") };

before(async () => {
  writeFileSync(guests["0.2"], await commandComponent(guests.wasip1));
});

/** A fifo, and the end of it that the test has. */
class Fifo extends Temporary {
  readonly file = join(this.path, "fifo");
  #fd: number | undefined;

  constructor() {
    super();
    assert.equal(spawnSync("mkfifo", [this.file]).status, 0);
  }

  /** Opens an end, as soon as the guest has the other. */
  async open(flags: number): Promise<void> {
    for (let late = performance.now() + 60_000; this.#fd === undefined; ) {
      try {
        this.#fd = openSync(this.file, flags | constants.O_NONBLOCK);
      } catch (error) {
        if (!String(error).includes("ENXIO") || performance.now() > late) throw error;
        await setTimeout(1);
      }
    }
  }

  write(text: string): void {
    assert.equal(writeSync(this.#fd!, text), text.length);
  }

  /** So many bytes. */
  async read(count: number): Promise<string> {
    const piece = new Uint8Array(65536);
    let text = "";
    for (const late = performance.now() + 60_000; text.length < count && performance.now() < late; ) {
      try {
        text += Buffer.from(piece.subarray(0, readSync(this.#fd!, piece, 0, piece.length, null))).toString("latin1");
      } catch (error) {
        if (!String(error).includes("EAGAIN")) throw error;
      }
      await setTimeout(1);
    }
    return text;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  override [Symbol.dispose](): void {
    this.close();
    super[Symbol.dispose]();
  }
}

function begin(host: Host, version: keyof typeof guests, fifo: Fifo, acts: string): Guest {
  return start(host, guests[version], { flags: ["--dir", `${fifo.path}::/d`], args: acts.split(" ") });
}

/** What the acts came to. */
async function results(guest: Guest): Promise<string[]> {
  const { status, stdout, stderr } = await guest.outcome();
  assert.deepEqual([stderr, status], ["", 0]);
  return [...stdout.toString().matchAll(/^\S+: (.*)$/gm)].map(([, result]) => result!);
}

for (const host of waitingHosts) {
  for (const version of ["wasip1", "0.2"] as const) {
    describe(`a fifo for ${version} on ${host.name}`, { skip: host.skip }, () => {
      it("opening it for reading waits for a writer, a read for bytes, and its end is when the writers are gone", async () => {
        using fifo = new Fifo();
        await using guest = begin(host, version, fifo, "open-read read poll-soon poll-read read poll-read read");
        await guest.waitFor(/^open-read \.\.\.$/m);
        await fifo.open(constants.O_WRONLY);
        await guest.waitFor(/^read \.\.\.$/m);
        fifo.write("one");
        await guest.waitFor(/^poll-read \.\.\.$/m);
        fifo.write("three");
        await guest.waitFor(/^read: 5$/m);
        fifo.close();
        assert.deepEqual(await results(guest), ["0", "3", "0", "1", "5", "1", "0"]);
      });

      it("a writer that comes, writes and goes is not missed", async () => {
        using fifo = new Fifo();
        await using guest = begin(host, version, fifo, "open-read read read");
        await fifo.open(constants.O_WRONLY);
        fifo.write("gone");
        fifo.close();
        assert.deepEqual(await results(guest), ["0", "4", "0"]);
      });

      it("opening it for writing waits for a reader, a write for room, and without a reader it is EPIPE", async () => {
        using fifo = new Fifo();
        await using guest = begin(host, version, fifo, "open-write write write-much poll-write line write");
        await guest.waitFor(/^open-write \.\.\.$/m);
        await fifo.open(constants.O_RDONLY);
        const written = await fifo.read(300_005);
        assert.deepEqual([written.slice(0, 5), written.length], ["hello", 300_005]);
        await guest.waitFor(/^line \.\.\.$/m);
        fifo.close();
        guest.input("\n");
        assert.deepEqual(await results(guest), ["0", "5", "300000", "1", "0", "Broken pipe"]);
      });

      it("opened for both it waits for nobody, and what cannot be done now is EAGAIN in non-blocking mode", async () => {
        using fifo = new Fifo();
        await using guest = begin(host, version, fifo, "open-both nonblock read write poll-read read pread");
        const again = "Resource temporarily unavailable";
        assert.deepEqual(await results(guest), ["0", "0", again, "5", "1", "5", "Invalid seek"]);
      });
    });
  }

  describe(`a fifo opened with NONBLOCK for wasip1 on ${host.name}`, { skip: host.skip }, () => {
    it("is open for reading at once, and at its end while nobody writes", async () => {
      using fifo = new Fifo();
      await using guest = begin(
        host,
        "wasip1",
        fifo,
        "open-read-nonblock read poll-soon line read poll-read read seek",
      );
      await guest.waitFor(/^line \.\.\.$/m);
      await fifo.open(constants.O_WRONLY);
      guest.input("\n");
      await guest.waitFor(/^poll-read \.\.\.$/m);
      fifo.write("here");
      assert.deepEqual(await results(guest), [
        ...["0", "0", "0", "0"],
        ...["Resource temporarily unavailable", "1", "4", "Invalid seek"],
      ]);
    });

    it("cannot be opened for writing while nobody reads", async () => {
      using fifo = new Fifo();
      await using guest = begin(host, "wasip1", fifo, "open-write-nonblock");
      assert.deepEqual(await results(guest), ["No such device or address"]);
    });
  });
}
