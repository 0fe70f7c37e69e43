import type { ComponentInstance } from "../../component/link/instantiate.ts";
import { OpenFiles } from "../../core/files/open-files.ts";
import { Aborted } from "../../core/wait/errors.ts";
import { settle } from "../../core/wait/steps.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import { givingWay } from "../../wasi/p2/giving-way.ts";
import { type ComponentOptions, linkGuest } from "../component.ts";
import { endOf } from "../end.ts";
import { wasiHost } from "../wasi-host.ts";
import { PrefixedSink } from "./log-stream.ts";
import type { Service } from "./service.ts";

/** One instance of a served component, with what it has opened. */
export class ServedGuest {
  readonly poll: SuspendingPoll;
  readonly #service: Service;
  readonly #openFiles = new OpenFiles();
  #instance: ComponentInstance | undefined;

  private constructor(service: Service) {
    this.#service = service;
    this.poll = service.poll.beside();
  }

  /**
   * Makes the instance of that number.
   *
   * @throws as `linkGuest`, and what ended its start functions
   */
  static async link(service: Service, id: number): Promise<ServedGuest> {
    const guest = new ServedGuest(service);
    try {
      const options = { ...service.options, ...ownOptions(service, id) };
      const host = wasiHost(service.machine, guest.poll, guest.#openFiles, options);
      guest.#instance = await settle(
        linkGuest(host, service.component, options, (made) => givingWay(made, guest.poll)),
      );
      return guest;
    } catch (error) {
      guest.close();
      throw endOf(error, "start", service.options);
    }
  }

  /** Returns the function that it exports as its handler. */
  handler(): (...args: unknown[]) => Promise<unknown> {
    const exported = this.#instance?.exports[this.#service.handler] as { readonly handle: unknown };
    return exported.handle as (...args: unknown[]) => Promise<unknown>;
  }

  /** Resolves when all tasks of the guest have ended. @throws what ended one of them */
  async finishTasks(): Promise<void> {
    await this.#instance?.finishTasks();
  }

  /** What a call of its handler has failed with, as it is told. */
  end(error: unknown): unknown {
    return error instanceof Aborted ? error.reason : endOf(error, "call", this.#service.options);
  }

  close(): void {
    this.poll.advanceAll();
    this.poll.closeAll();
    this.#openFiles.closeAll();
  }
}

/** What an instance has for itself. */
function ownOptions(
  { options, prefixes, stdout, stderr }: Service,
  id: number,
): Pick<ComponentOptions, "env" | "stdout" | "stderr"> {
  return {
    env: [...options.env, ["INSTANCE_ID", `${id}`]],
    stdout: new PrefixedSink(stdout, prefixes ? `stdout [${id}] :: ` : ""),
    stderr: new PrefixedSink(stderr, prefixes ? `stderr [${id}] :: ` : ""),
  };
}
