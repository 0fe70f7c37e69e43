import type { WasiHost } from "./host.ts";
import type { Interfaces } from "./interfaces.ts";

/**
 * `wasi:cli/terminal-*`, the same in every version, by their names without it; each version has classes of its own. A resource `terminal-input` or `terminal-output`
 * carries nothing: it says by being there that its stream is a terminal.
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
