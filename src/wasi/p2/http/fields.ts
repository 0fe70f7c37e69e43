import type { FieldMap } from "../../../core/http/fields.ts";
import { Resource } from "../io/resource.ts";

/** `wasi:http/types.fields`. One whose parent is a request or a response is a view of its headers. */
export class Fields extends Resource {
  readonly map: FieldMap;

  constructor(map: FieldMap, parent?: Resource) {
    super(parent);
    this.map = map;
  }

  /** The same fields, for looking at only, as a child of what they belong to. */
  viewOf(parent: Resource): Fields {
    return new Fields(this.map.view(), parent);
  }
}
