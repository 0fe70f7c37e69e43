/** The option groups by their long names: -O -C -D -W -S -R. */
import { codegen, debug, optimize, record } from "./engine.ts";
import type { Group, Values } from "./group.ts";
import { wasi } from "./wasi.ts";
import { wasm } from "./wasm.ts";

export type GroupName = "optimize" | "codegen" | "debug" | "wasm" | "wasi" | "record";

export const groups = { optimize, codegen, debug, wasm, wasi, record } as const satisfies Record<GroupName, Group>;

/** The keys that a command line gives of each group. */
export type GroupValues = { [G in GroupName]: Values<(typeof groups)[G]["keys"]> };
