import type { CompiledComponent } from "../component/link/compiled.ts";
import type { ComponentInstance } from "../component/link/instantiate.ts";
import { OpenFiles } from "../core/files/open-files.ts";
import type { Poll } from "../core/wait/poll.ts";
import { runAsync } from "../core/wait/steps.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { Machine } from "../machine/machine.ts";
import { yieldWhenPolled } from "../wasi/p2/yield-when-polled.ts";
import { type ComponentOptions, linkGuest } from "./component.ts";
import { wasiHost } from "./wasi-host.ts";

/** How long sent data may take to leave when the instance is closed, ns. */
const FLUSH_WAIT_NS = 1e8;

/**
 * Makes an instance with WASI, for a program that calls its exports. `close` closes everything that it has open.
 *
 * @throws as `linkComponent`; PreopenError if a directory cannot be opened
 */
export async function instanceWithWasi(
  machine: Machine,
  poll: Poll,
  component: CompiledComponent,
  options: ComponentOptions,
): Promise<{ readonly instance: ComponentInstance; close(): Promise<void> }> {
  const openFiles = new OpenFiles();
  const closeAll = () => {
    poll.closeAll();
    openFiles.closeAll();
  };
  try {
    const host = wasiHost(machine, poll, openFiles, options);
    const linking = linkGuest(host, component, options, (made) =>
      poll instanceof SuspendingPoll ? yieldWhenPolled(made, poll) : made,
    );
    return {
      instance: await runAsync(linking),
      async close() {
        poll.advanceAll();
        if (poll instanceof SuspendingPoll) await poll.flush(FLUSH_WAIT_NS);
        closeAll();
      },
    };
  } catch (error) {
    closeAll();
    throw error;
  }
}
