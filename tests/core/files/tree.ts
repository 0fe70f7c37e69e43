/** The directories that files guests are given, and what lies around them. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh directory, removed at the end of its scope. */
export class Temporary implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "pollux-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What stream-ends is given: flags. */
export function plantEnds(base: string): readonly string[] {
  writeFileSync(join(base, "file"), "text");
  return ["--dir", base, "--dir", "/dev"];
}

/** Below `base`: what files-escape is given, as `inside`, and what it must not reach. */
export function plantEscapes(base: string): string {
  const inside = join(base, "inside");
  mkdirSync(join(base, "outside"));
  mkdirSync(join(inside, "deep"), { recursive: true });
  writeFileSync(join(base, "secret"), "secret");
  writeFileSync(join(base, "outside/victim"), "victim");
  writeFileSync(join(inside, "mine"), "mine");
  const links: Readonly<Record<string, string>> = {
    absolute: "/etc",
    "absolute-file": join(base, "secret"),
    up: "..",
    out: "../secret",
    chain: "deep/up-twice",
    "deep/up-twice": "../..",
    "deep/out": "../../secret",
    "deep/up": "../../inside",
    dangling: "../new",
    outside: "../outside",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(inside, name));
  return inside;
}

/** Below `base`: the two directories that files-libc is given; the flags that give them. */
export function plantLibc(base: string): readonly string[] {
  const [work, data] = [join(base, "wörk dir"), join(base, "data")];
  mkdirSync(work);
  mkdirSync(data);
  writeFileSync(join(data, "given"), "given");
  return ["--dir", `${work}::/files`, `--dir=${data}::data`];
}

/** Below `base`: what files-escape is given for its race, and what lies beside it. */
export function plantRace(base: string): { readonly inside: string; readonly outside: string } {
  const [inside, outside] = [join(base, "inside"), join(base, "outside")];
  for (const path of ["real", "place", "far/moved"]) mkdirSync(join(inside, path), { recursive: true });
  mkdirSync(outside);
  const files: Readonly<Record<string, string>> = {
    "inside/real/file": "inside",
    "inside/place/file": "inside",
    "inside/far/mine": "mine",
    "inside/mine-too": "mine",
    "outside/file": "outside",
    "outside/victim": "victim",
    mine: "outside",
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(base, path), text);
  symlinkSync("real", join(inside, "link"));
  return { inside, outside };
}

/** Every path below `directory` with what it is: a file's text, a link's target, null for a directory. */
export function snapshot(directory: string, below = ""): Record<string, string | null> {
  const found: Record<string, string | null> = {};
  for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
    const name = join(below, entry.name);
    const path = join(directory, name);
    if (entry.isSymbolicLink()) found[name] = readlinkSync(path);
    else if (entry.isFile()) found[name] = readFileSync(path, "utf8");
    else Object.assign(found, { [name]: null }, snapshot(directory, name));
  }
  return found;
}
