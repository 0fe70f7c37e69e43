/** Wrong use of the command line: exit status 2, in the shape of wasmtime's argument parser (clap 4). */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
