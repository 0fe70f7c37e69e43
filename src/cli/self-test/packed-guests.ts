export interface PackedGuests {
  /** By their names, in their order; bytes. */
  readonly sizes: Readonly<Record<string, number>>;
  /** One behind the other, by Brotli, in base64. */
  readonly bytes: string;
}

/** In what is built, build.ts has put them here. A program that runs from its sources reads them where they lie. */
export const packed: PackedGuests | undefined = undefined;
