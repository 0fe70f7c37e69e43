/** A guest returned, and gave no response. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}
