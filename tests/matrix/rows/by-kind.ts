/** Rows that follow from what a key is: without effect, without an implementation, always on. */
import { keyOf, spellKey, valuesOf } from "../options.ts";
import { type Row, refused, works } from "../row.ts";
import { HELLO, hello, runs } from "./places.ts";

/** Keys whose every value is accepted, and changes nothing of a plain run. */
export function accepted(short: string, names: string): Row[] {
  return each(short, names);
}

/** Keys that ask for what Pollux does not have; those that ask for nothing (=n) are accepted. */
export function lacking(short: string, names: string): Row[] {
  return each(short, names, "is not supported yet");
}

/** Proposals that the engine has, and that cannot be turned off. */
export function always(short: string, names: string): Row[] {
  return each(short, names, "cannot be turned off: the engine always has it");
}

/** @param refusal What is said of the values that the key refuses; undefined: it refuses none. */
function each(short: string, names: string, refusal?: string): Row[] {
  return names.split(" ").flatMap((name) => {
    const option = `-${short} ${name}`;
    const { key } = keyOf(option);
    const values = valuesOf(key).map((value) => ({
      spelled: spellKey(short, name, value),
      lacks: key.lacks(key.kind.parse(value)),
    }));
    if (values.some(({ lacks }) => lacks) !== (refusal !== undefined))
      throw new Error(`${option} ${refusal ?? "is accepted"}: that is so no more, it needs rows of its own`);
    return values.map(
      ({ spelled, lacks }): Row =>
        lacks
          ? runs(option, spelled, hello, refused(`${option} ${refusal}`))
          : { ...runs(option, spelled, hello, works(HELLO)), plain: true },
    );
  });
}
