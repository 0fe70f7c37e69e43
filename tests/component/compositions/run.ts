import { callGraph } from "../../../src/component/async/stack-switching.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { type ComponentInstance, linkComponent } from "../../../src/component/link/instantiate.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { runAsync } from "../../../src/core/wait/steps.ts";
import { createUnsupportedMachine } from "../../../src/machine/unsupported.ts";
import { trapOf } from "../../../src/wasm/engine-trap.ts";
import { binary } from "../text.ts";
import type { Seen } from "./explain.ts";
import type { Program } from "./program.ts";
import { compositionText, functionsOf, operations, type Shape } from "./shape.ts";

/** A composition's component, for one stack or with stacks that are switched. */
export interface Composition {
  readonly shape: Shape;
  readonly component: CompiledComponent;
  readonly switches: boolean;
}

/** In each way that it can be run. */
export async function compile(shape: Shape): Promise<readonly Composition[]> {
  const file = parseComponent(await binary(compositionText(shape)));
  const switched = { shape, component: new CompiledComponent(file, { asyncSupport, suspending }), switches: true };
  if (callGraph(file).switchesStacks) return [switched];
  return [{ shape, component: new CompiledComponent(file, { asyncSupport }), switches: false }, switched];
}

/** A stream of the host's that has ended. */
const ended = { readiness: Condition.ready(), produce: () => "closed", drop() {} };

const machine = createUnsupportedMachine();

/** Runs a program, and sees what its guests do. */
export async function run({ component, shape }: Composition, { entry, bodies }: Program): Promise<Seen> {
  const observed: string[] = [];
  const tasks: { readonly which: number; next: number }[] = [];
  const imports = {
    begin(which: number): number {
      observed.push(`begin ${which}`);
      return tasks.push({ which, next: 0 }) - 1;
    },
    next(id: number): number {
      const task = tasks[id]!;
      const { operation, slot, by } = bodies[task.which]![task.next++]!;
      return operations.indexOf(operation) | (slot << 8) | (by << 16);
    },
    done: (id: number, value: number) => void observed.push(`${id}: ${value}`),
  };
  const options = { poll: new BlockingPoll(machine) };
  const instance = await runAsync(linkComponent(component, imports as HostImports, options));
  const outcome = await ending(instance, functionsOf(shape)[entry]!.lift);
  return { observed, outcome };
}

async function ending(instance: ComponentInstance, name: string): Promise<string> {
  const called = instance.exports[name] as (stream?: object) => unknown;
  let outcome: string;
  try {
    outcome = String(await (name === "plain" ? called() : called(ended)));
  } catch (error) {
    return trapped(error);
  }
  try {
    await instance.finishTasks();
    return `${outcome}, all over`;
  } catch (error) {
    return `${outcome}, ${trapped(error)}`;
  }
}

function trapped(error: unknown): string {
  const trap = trapOf(error, "call") ?? error;
  if (!(trap instanceof Trap)) throw error;
  return /deadlock/.test(trap.message) ? "stuck" : "trap";
}
