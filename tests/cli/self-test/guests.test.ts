import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { packGuests, unpack } from "../../../src/cli/self-test/guests.ts";
import { guestNames, subjects } from "../../../src/cli/self-test/subjects.ts";

const folder = join(import.meta.dirname, "../../guests");

/** What the standalone binary may grow by for it: a thousandth. */
const MOST = 150_000;

describe("the guests of the self-test", () => {
  const packed = packGuests(guestNames);

  it("come out as they went in", () => {
    const unpacked = unpack(packed);
    assert.deepEqual([...unpacked.keys()], guestNames);
    for (const [name, bytes] of unpacked) assert.ok(readFileSync(join(folder, `${name}.wasm`)).equals(bytes), name);
  });

  it("are small together", () => assert.ok(packed.bytes.length < MOST, `${packed.bytes.length} bytes`));

  it("are each somebody's, and no two subjects have one name", () => {
    const names = subjects.map(({ name, net }) => `${name} ${net}`);
    assert.equal(new Set(names).size, names.length);
  });
});
