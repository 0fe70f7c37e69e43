import { type Permission, permissionFor, type Refusal, ruleFor } from "../core/policy/refusal.ts";
import type { SocketObserver } from "../core/policy/socket-observer.ts";
import { Trap } from "../core/wait/errors.ts";
import type { GuestOptions } from "../run/options.ts";
import type { Missing } from "../wasi/host.ts";

const permissionHints: Readonly<Record<Permission, string>> = {
  tcp: 'asked for TCP: give it network: "inherit", or network: { allow: [RULE] }',
  udp: 'asked for UDP: give it network: "inherit", or network: { allow: [RULE] }',
  address: 'asked for an address: give it network: "inherit", or network: { allow: [RULE] }',
  "name-lookup": "looked up a name: give it network: { ipNameLookup: true }",
};

const missingHints: Readonly<Record<Missing, string>> = {
  directories: 'was given no directory: if it looks for files, give it preopens: { "/": "." }',
  listener: "wants a listening socket from its host, which only the command line gives (-Stcplisten)",
};

/** The first thing that a guest asked for and was not given: a hint for whoever reads of its failure. */
export class FirstRefusal {
  #refusal: Refusal | undefined;
  #missing: Missing | undefined;
  #usesSockets = false;

  /** Returns the options of a run, which tells of refusals. */
  watch<Options extends GuestOptions>(options: Options): Options {
    const onRefusal = (refusal: Refusal): void => {
      if (permissionFor(refusal.use) !== undefined) this.#refusal ??= refusal;
    };
    const onMissing = (what: Missing): void => {
      this.#missing ??= what;
    };
    // Programs of many languages ask for directories whenever they start: one that uses sockets failed for another reason.
    const socketObserver: SocketObserver = {
      made: () => {
        this.#usesSockets = true;
      },
      addressInUse: () => {},
    };
    return { ...options, network: { ...options.network, onRefusal }, onMissing, socketObserver };
  }

  /** Returns a sentence about what to give the guest; undefined if it was refused nothing. */
  get hint(): string | undefined {
    if (this.#refusal !== undefined) return `the guest ${refusalHint(this.#refusal)}`;
    if (this.#missing === "directories" && this.#usesSockets) return undefined;
    return this.#missing && `the guest ${missingHints[this.#missing]}`;
  }

  /** Adds the hint to the message of a trap. Returns the error. */
  explain(error: unknown): unknown {
    const { hint } = this;
    if (error instanceof Trap && hint !== undefined) error.message += `\nhint: ${hint}`;
    return error;
  }
}

function refusalHint({ use, reason }: Refusal): string {
  const permission = permissionFor(use) ?? "address";
  const rule = ruleFor(use);
  if (reason.tag === "denied") return `asked for ${rule ?? permission}, which the rule ${reason.rule} denies`;
  if (reason.tag === "off") return `asked for ${rule ?? permission}, which its network options turn off`;
  return rule === undefined
    ? permissionHints[permission]
    : `asked for ${rule}: give it network: { allow: [${JSON.stringify(rule)}] }`;
}
