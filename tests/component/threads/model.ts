/** What threads do that are made, resumed and switched at random: by the rules of definitions.py, where they leave a choice the first to be ready. */

/** What a thread does next, with the number of a script. */
export type Op = readonly [kind: OpKind, script: number];

export const opKinds = [
  "end",
  "new",
  "resume-later",
  "yield",
  "suspend",
  "suspend-then-resume",
  "yield-then-resume",
  "suspend-then-promote",
  "yield-then-promote",
] as const;
type OpKind = (typeof opKinds)[number];

/** The scripts that threads follow: the function's own thread the first. */
export type Scripts = readonly (readonly Op[])[];

export interface Run {
  /** For each thing that is done, the number of the script, times 100, and the place in it. */
  readonly log: readonly number[];
  /** How it ends; undefined: it returns. */
  readonly trap: string | undefined;
}

interface Thread {
  readonly script: number;
  readonly index: number;
  place: number;
  state: "running" | "suspended" | "ready";
}

class Trap extends Error {}

/** @param alone What ends it when no thread can go on */
export function run(scripts: Scripts, alone: string): Run {
  const log: number[] = [];
  try {
    new Model(scripts, log).run(alone);
    return { log, trap: undefined };
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    return { log, trap: error.message };
  }
}

class Model {
  readonly #scripts: Scripts;
  readonly #log: number[];
  readonly #threads: (Thread | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #ready: Thread[] = [];
  /** The index that was last given for each script. */
  readonly #indices: number[];

  constructor(scripts: Scripts, log: number[]) {
    this.#scripts = scripts;
    this.#log = log;
    this.#indices = scripts.map(() => 0);
  }

  run(alone: string): void {
    const main = this.#make(0);
    let next: Thread | undefined = main;
    for (;;) {
      next ??= this.#ready.shift();
      if (next === undefined) throw new Trap(alone);
      next.state = "running";
      const after: Thread | undefined = this.#goOn(next);
      if (this.#threads[main.index] !== main) return;
      next = after;
    }
  }

  #make(script: number): Thread {
    const index = this.#free.pop() ?? this.#threads.length;
    const thread: Thread = { script, index, place: 0, state: "suspended" };
    this.#threads[index] = thread;
    this.#indices[script] = index;
    return thread;
  }

  /** Lets it go on until it waits or ends. Returns what goes on in its place. */
  #goOn(thread: Thread): Thread | undefined {
    for (;;) {
      const [kind, script] = this.#scripts[thread.script]![thread.place] ?? ["end", 0];
      this.#log.push(thread.script * 100 + thread.place++);
      switch (kind) {
        case "end":
          this.#threads[thread.index] = undefined;
          this.#free.push(thread.index);
          return undefined;
        case "new":
          this.#make(script);
          break;
        case "resume-later":
          this.#makeReady(this.#suspended(script));
          break;
        default:
          return this.#switch(thread, kind, script);
      }
    }
  }

  #switch(thread: Thread, kind: string, script: number): Thread | undefined {
    const next = kind.endsWith("resume")
      ? this.#suspended(script)
      : kind.endsWith("promote")
        ? this.#promoted(thread, script)
        : undefined;
    if (kind.startsWith("yield")) this.#makeReady(thread);
    else thread.state = "suspended";
    return next;
  }

  #makeReady(thread: Thread): void {
    thread.state = "ready";
    this.#ready.push(thread);
  }

  #find(script: number): Thread {
    const index = this.#indices[script]!;
    const found = this.#threads[index];
    if (found === undefined) throw new Trap(`unknown handle index ${index}`);
    return found;
  }

  #suspended(script: number): Thread {
    const found = this.#find(script);
    if (found.state !== "suspended") throw new Trap("wasm trap: cannot resume thread which is not suspended");
    return found;
  }

  #promoted(thread: Thread, script: number): Thread | undefined {
    const found = this.#find(script);
    if (found === thread) throw new Trap("wasm trap: cannot resume thread which is not suspended");
    if (found.state !== "ready") return undefined;
    this.#ready.splice(this.#ready.indexOf(found), 1);
    return found;
  }
}
