/** The Rust guest for programs that host a component (tests/guests/rust/library), and what a program gives it. */
import { readFileSync } from "node:fs";
import { before } from "node:test";
import {
  type CompiledComponent,
  compile,
  type DisposableInstance,
  type InstantiateOptions,
  instantiate,
  type StreamSource,
} from "../../../src/index.ts";
import { RustGuest } from "../../e2e/rust.ts";

const rust = new RustGuest("library");

/** Why the guest cannot be built; false: it can. */
export const { skip } = rust;

let compiled: Promise<CompiledComponent> | undefined;

/** To be called in each file that hosts it. */
export function buildGuest(): void {
  before(() => {
    if (skip === false) rust.build();
  });
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly label?: string | undefined;
}

/** A resource of the program's. */
export class Thing {
  static live = 0;
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
    Thing.live++;
  }

  async number(): Promise<number> {
    return this.#number;
  }

  [Symbol.dispose](): void {
    Thing.live--;
  }
}

export type Result = { readonly tag: "ok"; readonly val?: undefined } | { readonly tag: "err"; readonly val: string };

const host = {
  Thing,
  later: async (n: number): Promise<number> => n,
  answer: async (n: number): Promise<string> => `answer ${n}`,
  now: (): number | Promise<number> => 7,
  open: (): readonly [StreamSource, PromiseLike<Result>] => [[], Promise.resolve({ tag: "ok" })],
  points: (): StreamSource<Point> => [],
  things: (): StreamSource<Thing> => [],
  take: async (bytes: ReadableStream<Uint8Array>): Promise<bigint> => {
    let length = 0;
    for await (const piece of bytes) length += piece.length;
    return BigInt(length);
  },
  takePoints: async (points: ReadableStream<Point>): Promise<number> => {
    let sum = 0;
    for await (const { x } of points) sum += x;
    return sum;
  },
};

export type Host = typeof host;

interface Call {
  readonly signal?: AbortSignal;
}

interface Counter extends AsyncDisposable {
  next(call?: Call): Promise<number>;
  all(): Promise<ReadableStream<number>>;
}

/** `pollux:library/guest`, as JavaScript has it. */
export interface Guest {
  readonly Counter: new (start: number) => Promise<Counter>;
  double(n: number, call?: Call): Promise<number>;
  ask(n: number): Promise<string>;
  clock(): Promise<number>;
  length(bytes: unknown, call?: Call): Promise<bigint>;
  sum(points: unknown): Promise<Point>;
  first(words: unknown, count: number): Promise<string[]>;
  upper(bytes: unknown): Promise<ReadableStream<Uint8Array>>;
  text(n: unknown): Promise<readonly [Promise<string>, boolean]>;
  ignore(n: unknown): Promise<void>;
  through(
    bytes: unknown,
    points: unknown,
    n: unknown,
  ): Promise<readonly [ReadableStream<Uint8Array>, ReadableStream<Point>, Promise<number>]>;
  relay(): Promise<bigint>;
  things(): Promise<number>;
  give(count: number): Promise<bigint>;
  givePoints(points: readonly Point[]): Promise<number>;
  pulled(call?: Call): Promise<number>;
  push(n: number): Promise<void>;
  forever(call?: Call): Promise<void>;
  cancelled(): Promise<number>;
  stubborn(n: number, call?: Call): Promise<number>;
  fail(): Promise<void>;
}

export interface Hosted extends AsyncDisposable {
  readonly guest: Guest;
  /** What the guest has written to stderr. */
  readonly stderr: () => string;
}

/** An instance of its own. What is given takes the place of the host above. */
export async function hosted(given: Partial<Host> = {}, options: InstantiateOptions = {}): Promise<Hosted> {
  compiled ??= compile(new Uint8Array(readFileSync(rust.file)));
  let stderr = "";
  const decoder = new TextDecoder();
  const write = (bytes: Uint8Array) => {
    stderr += decoder.decode(bytes);
  };
  const app: DisposableInstance<{ readonly "pollux:library/guest": Guest }> = await instantiate<{
    readonly "pollux:library/guest": Guest;
  }>(await compiled, { "pollux:library/host": { ...host, ...given } }, { wasi: { stderr: write }, ...options });
  return {
    guest: app["pollux:library/guest"],
    stderr: () => stderr,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** Lets everything go on that can. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}
