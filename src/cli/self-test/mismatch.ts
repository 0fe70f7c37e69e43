/** Why a subject of the self-test failed. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}
