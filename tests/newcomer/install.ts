import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hostsNamed } from "../e2e/host.ts";

/** Makes `pollux` a command of somebody with that HOME, who has HOME/.local/bin on PATH: the commands to type. */
export type Install = (home: string) => readonly string[];

const [binary] = hostsNamed("binary");

export const notBuilt = binary!.skip;

/** From this checkout. */
export const fromCheckout: Install = (home) => {
  mkdirSync(join(home, ".local/bin"), { recursive: true });
  return [`ln -s ${binary!.command[0]} ~/.local/bin/pollux`];
};
