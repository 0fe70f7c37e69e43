import type { WasiHost } from "./host.ts";
import type { Interfaces } from "./interfaces.ts";

/**
 * `wasi:cli/terminal-*`, the same in every version, by name without the version. The resources `terminal-input` and
 * `terminal-output` have no methods: that one exists tells the guest that its stream is a terminal. Each version gets
 * classes of its own.
 */
export function terminalInterfaces(): Interfaces<WasiHost> {
  class TerminalInput {}
  class TerminalOutput {}
  return {
    "wasi:cli/terminal-input": () => ({ "terminal-input": TerminalInput }),
    "wasi:cli/terminal-output": () => ({ "terminal-output": TerminalOutput }),
    "wasi:cli/terminal-stdin": ({ terminals }) => ({
      "get-terminal-stdin": () => (terminals.stdin ? new TerminalInput() : undefined),
    }),
    "wasi:cli/terminal-stdout": ({ terminals }) => ({
      "get-terminal-stdout": () => (terminals.stdout ? new TerminalOutput() : undefined),
    }),
    "wasi:cli/terminal-stderr": ({ terminals }) => ({
      "get-terminal-stderr": () => (terminals.stderr ? new TerminalOutput() : undefined),
    }),
  };
}
