/** Rows that follow from what a key is: without effect, without an implementation, always on. */
import { keyOf, spellKey, valuesOf } from "../options.ts";
import { type Row, refused, works } from "../row.ts";
import { HELLO, hello, runs } from "./places.ts";

/** Keys whose every value is accepted, and changes nothing of a plain run. */
export function accepted(short: string, names: string): Row[] {
  return each(short, names, (option, spelled) => ({ ...runs(option, spelled, hello, works(HELLO)), plain: true }));
}

/** Keys that ask for what Pollux does not have; those that ask for nothing (=n) are accepted. */
export function lacking(short: string, names: string): Row[] {
  return each(short, names, (option, spelled, asks) =>
    asks
      ? runs(option, spelled, hello, refused(`${option} is not supported yet`))
      : { ...runs(option, spelled, hello, works(HELLO)), plain: true },
  );
}

/** Proposals that the engine has, and that cannot be turned off. */
export function always(short: string, names: string): Row[] {
  return each(short, names, (option, spelled, asks) =>
    asks
      ? runs(option, spelled, hello, refused(`${option} cannot be turned off: the engine always has it`))
      : { ...runs(option, spelled, hello, works(HELLO)), plain: true },
  );
}

/** @param row of each value; `lacks`: as the key itself says of it */
function each(short: string, names: string, row: (option: string, spelled: string, lacks: boolean) => Row): Row[] {
  return names.split(" ").flatMap((name) => {
    const option = `-${short} ${name}`;
    const { key } = keyOf(option);
    return valuesOf(key).map((value) => row(option, spellKey(short, name, value), key.lacks(key.kind.parse(value))));
  });
}
