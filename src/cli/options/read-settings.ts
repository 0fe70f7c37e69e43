/** From the options as they were given to settings. */
import { groupHelp, isHelp } from "./groups/group.ts";
import { groups } from "./groups/groups.ts";
import { ValueError } from "./groups/value.ts";
import type { GivenOption } from "./scan.ts";
import { noSettings, type Settings } from "./settings.ts";
import { invalidValue } from "./usage.ts";

/** The user asked for a text, which goes to stdout instead of a run. */
export interface HelpText {
  readonly help: string;
}

/** @param serves Whether they are options of `serve`. @throws UsageError */
export function settings(options: readonly GivenOption[], serves = false): Settings | HelpText {
  const made = noSettings(serves);
  for (const { flag, value = "" } of options) {
    if (flag.group !== undefined && isHelp(value)) return { help: groupHelp(groups[flag.group]) };
    try {
      flag.apply?.(made, value);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw invalidValue(value, flag, error.message);
    }
    if (flag.lacking) made.lacking.push(`--${flag.long}`);
  }
  return made;
}
