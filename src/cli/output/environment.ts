/** A variable of the environment, for Pollux itself; undefined: it is not set, or the runtime does not let it be read. */
export type Environment = (name: string) => string | undefined;
