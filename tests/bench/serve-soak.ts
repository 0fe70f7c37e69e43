/**
 * `--soak-serve`: minutes of mixed requests (serve-requests.ts) to served guests of WASI 0.2 and 0.3, one host after the other.
 * Every request that is not broken off by its client has to get the answer that it asked for; see soak-checks.ts for the rest.
 */

import { RustGuest } from "../e2e/rust.ts";
import { HttpConnection } from "../e2e/serve/connection.ts";
import { serve } from "./process.ts";
import { guestPath, type Runner } from "./runners.ts";
import { below, type Kind, kindsOf, type Version, WrongAnswer } from "./serve-requests.ts";
import { type Check, soakEach, watched } from "./soak-checks.ts";

const connections = 64;

/** Requests on one connection, at most. */
const perConnection = 8;

/** What makes code hot and lets the engine's heap find its size: a share of the soak, s. */
const warmUpOf = (seconds: number): number => Math.min(30, seconds / 3);

/** Failures that are told in full. */
const toldFailures = 5;

interface Count {
  asked: number;
  answered: number;
  /** By the client. */
  brokenOff: number;
  /** Of 0.3: ended by a trap of another request that the same instance had. */
  withTrap: number;
}

/** Soaks each runner for so long a guest, printing what came out. Returns whether all of them held. */
export async function soakServe(
  runners: readonly Runner[],
  seconds: number,
  leaveOut: (what: string, reason: string) => void,
): Promise<boolean> {
  const p3 = new RustGuest("serve3");
  if (p3.skip === false) p3.build();
  else leaveOut("the soak of 0.3", p3.skip);
  const guests: readonly (readonly [Version, string])[] = [
    ["0.2", guestPath("http/serve")],
    ...(p3.skip === false ? [["0.3", p3.file] as const] : []),
  ];
  let held = true;
  for (const [version, guest] of guests) {
    const able = runners.filter((runner) => runner.serving(guest, []) !== undefined);
    const head = ({ title }: Runner) =>
      `${title}, serve ${version}, ${seconds} s, ${connections} connections at a time`;
    held = (await soakEach(able, head, (runner) => soakOne(runner.serving(guest, [])!, version, seconds))) && held;
  }
  return held;
}

async function soakOne(command: readonly string[], version: Version, seconds: number): Promise<readonly Check[]> {
  const server = await serve(command, /Serving HTTP on http:\/\/127\.0\.0\.1:(\d+)/);
  try {
    const port = Number(server.ready[1]);
    const { result, checks } = await watched(
      server,
      () => new Clients(port, version).run(warmUpOf(seconds)),
      async () => {
        const clients = new Clients(port, version);
        await clients.run(seconds);
        return clients;
      },
    );
    return [result.check(), ...checks];
  } finally {
    await server.end();
  }
}

/** Clients that send what is drawn, and the account of it. */
class Clients {
  readonly #port: number;
  readonly #kinds: readonly Kind[];
  readonly #sharesInstances: boolean;
  readonly #counts: Map<Kind, Count>;
  readonly #failures: string[] = [];
  #end = 0;

  constructor(port: number, version: Version) {
    this.#port = port;
    this.#kinds = kindsOf(version);
    this.#sharesInstances = version === "0.3";
    this.#counts = new Map(
      this.#kinds.map((kind) => [kind, { asked: 0, answered: 0, brokenOff: 0, withTrap: 0 }] as const),
    );
  }

  async run(seconds: number): Promise<void> {
    this.#end = performance.now() + seconds * 1000;
    await Promise.all(Array.from({ length: connections }, () => this.#client()));
  }

  check(): Check {
    const counts = [...this.#counts.values()];
    const total = (name: keyof Count): number => counts.reduce((sum, count) => sum + count[name], 0);
    const [asked, answered, brokenOff, withTrap] = [
      total("asked"),
      total("answered"),
      total("brokenOff"),
      total("withTrap"),
    ];
    const told = [...this.#counts].map(([{ name }, count]) => `${name} ${describe(count)}`).join(", ");
    const lost = asked - answered - brokenOff - withTrap;
    const failures = this.#failures.slice(0, toldFailures).map((failure) => `; ${failure}`);
    return [
      lost === 0,
      `${asked} requests: ${answered} answered, ${brokenOff} broken off by their clients, ${withTrap} ended by a trap of another, ${lost} lost (${told})${failures.join("")}`,
    ];
  }

  async #client(): Promise<void> {
    while (performance.now() < this.#end) {
      await using connection = await HttpConnection.dial(this.#port);
      for (let left = 1 + below(perConnection); left > 0 && performance.now() < this.#end; left--) {
        const kind = this.#draw();
        if (!(await this.#send(kind, connection)) || kind.end !== undefined) break;
      }
    }
  }

  /** Returns whether it went as it has to. */
  async #send(kind: Kind, connection: HttpConnection): Promise<boolean> {
    const count = this.#counts.get(kind)!;
    count.asked++;
    try {
      await kind.run(connection);
      if (kind.end === "gone") count.brokenOff++;
      else count.answered++;
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (this.#sharesInstances && error instanceof WrongAnswer && error.likeTrap) count.withTrap++;
      else this.#failures.push(`${kind.name}: ${error.message}`);
      return false;
    }
  }

  #draw(): Kind {
    let at = Math.random() * this.#kinds.reduce((sum, { weight }) => sum + weight, 0);
    for (const kind of this.#kinds) {
      at -= kind.weight;
      if (at < 0) return kind;
    }
    return this.#kinds[0]!;
  }
}

function describe({ asked, withTrap }: Count): string {
  return withTrap === 0 ? `${asked}` : `${asked} (${withTrap} with a trap)`;
}
