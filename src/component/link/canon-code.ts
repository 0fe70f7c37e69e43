import type { Owner } from "../abi/emitter.ts";
import type { Template } from "../abi/template.ts";
import { partsOf } from "../types/layout.ts";
import type { FuncType, ResourceId, ValType } from "../types/types.ts";

/** The generated code of one lift or lower, by the shapes that it was generated for. */
export class CanonCode {
  readonly type: FuncType;
  /** The resource types in the signature, each once. */
  readonly resources: readonly ResourceId[];
  /** A list, as a component needs few. */
  readonly #templates: { readonly variant: number; readonly owners: readonly Owner[]; readonly template: Template }[] =
    [];

  constructor(type: FuncType) {
    this.type = type;
    const found = new Set<ResourceId>();
    for (const { type: param } of type.params) collectResources(param, found);
    if (type.result !== undefined) collectResources(type.result, found);
    this.resources = [...found];
  }

  /**
   * Returns the template for a shape, which `generate` makes on first use.
   *
   * @param variant A number for all inputs of the code other than the definition and the owners
   * @param owners The owners of `resources`
   */
  template(variant: number, owners: readonly Owner[], generate: () => Template): Template {
    for (const known of this.#templates) {
      if (known.variant === variant && isSame(known.owners, owners)) return known.template;
    }
    const template = generate();
    this.#templates.push({ variant, owners, template });
    return template;
  }
}

function isSame(a: readonly Owner[], b: readonly Owner[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function collectResources(type: ValType, found: Set<ResourceId>): void {
  if (type.kind === "own" || type.kind === "borrow") found.add(type.resource.root);
  else if (type.info.borrows || type.info.owns) for (const part of partsOf(type)) collectResources(part, found);
}
