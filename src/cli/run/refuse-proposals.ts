/** Refuses proposals of WebAssembly that -W turned off, though the engine has them. Loaded only for who turned something off. */
import type { ComponentFile } from "../../component/binary/component.ts";
import { coreModules, moduleBytes } from "../../component/link/compiled.ts";
import { findUse, type InstructionProposal } from "../../wasm/proposals.ts";
import { turnedOff } from "../options/guest-options.ts";
import type { Settings } from "../options/settings.ts";
import { UnsupportedOption } from "../options/unsupported.ts";
import { Failure } from "../output/failure.ts";

/** wasmtime's longest name of a function in such a message. */
const MAX_NAME = 96;

const relaxed: readonly InstructionProposal[] = ["relaxed-simd"];

/** @throws as `refuseModule` */
export function refuseModules(given: Settings, component: ComponentFile): void {
  let index = 0;
  for (const module of coreModules(component))
    refuseModule(given, moduleBytes(component, module), module.offset, index++);
}

/**
 * @param module Its bytes, which stand at `offset` in the file: number `index` of the core modules there.
 * @throws Failure in wasmtime's words; UnsupportedOption; ParseError
 */
export function refuseModule(given: Settings, module: Uint8Array<ArrayBuffer>, offset = 0, index = 0): void {
  const use = findUse(module, turnedOff(given));
  if (use !== undefined) {
    const name = use.name === undefined ? "" : `::${symbol(use.name)}`;
    throw new Failure(`failed to compile: wasm[${index}]::function[${use.func}]${name}`, [
      "WebAssembly translation error",
      `Invalid input WebAssembly code at offset ${offset + use.offset}: ${use.words} support is not enabled`,
    ]);
  }
  // The engines' relaxed vectors have the results of their machine.
  if (given.wasm["relaxed-simd-deterministic"] === true && findUse(module, relaxed) !== undefined)
    throw new UnsupportedOption("-W relaxed-simd-deterministic", "is not supported for what uses relaxed SIMD");
}

/** As wasmtime names the function that it compiles. */
function symbol(name: string): string {
  const clean = /[^!-~]/.test(name) ? name.replace(/[^!-~]/gu, "?").replace(/\?+/g, "?") : name;
  return clean.slice(0, MAX_NAME);
}
