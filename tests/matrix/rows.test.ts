/** That the matrix is whole: what it has rows for is what the tables of the command line have. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { manPage } from "../../src/cli/man.ts";
import { makePlaces } from "./matrix.ts";
import { optionsOf, unusedOf } from "./options.ts";
import { allRows } from "./rows/rows.ts";

using places = await makePlaces();
const rows = allRows(places);
const options = optionsOf();

describe("the matrix", () => {
  it("has a row for every option, each of its words, and every switch on and off", () => {
    const linesOf = (option: string) => rows.filter((row) => row.option === option).map(({ words }) => words);
    assert.deepEqual(
      options.flatMap((option) => unusedOf(option, linesOf(option))),
      [],
    );
  });

  it("has none for an option that there is not", () => {
    const known = new Set(options);
    assert.deepEqual(
      rows.map(({ option }) => option).filter((option) => !known.has(option)),
      [],
    );
  });

  it("says of a new option that it has no row", () => {
    assert.deepEqual(unusedOf("--new", []), ["--new"]);
    assert.deepEqual(unusedOf("--net", [["run", "--net=posix"]]), ["--net=evented"]);
    assert.deepEqual(unusedOf("-S tcp", [["run", "-Sudp,tcp=n"]]), ["-S tcp"]);
    assert.deepEqual(
      unusedOf("-S tcp", [
        ["run", "-Stcp"],
        ["run", "-Stcp=n"],
      ]),
      [],
    );
  });
});

it("the man page has every option", () => {
  const page = manPage().replaceAll("\\", "");
  for (const option of options.filter((each) => /^-| --/.test(each))) {
    const [, name = ""] = /^(?:-\w |\w[\w-]* )?(.*)$/.exec(option) ?? [];
    assert.ok(page.includes(`${name}`), option);
  }
});
