import type { FieldMap } from "../../../core/http/fields.ts";
import { WasiResource } from "../io/resource.ts";

/** `wasi:http/types.fields`. One whose parent is a request or a response is a view of its headers. */
export class Fields extends WasiResource {
  readonly map: FieldMap;

  constructor(map: FieldMap, parent?: WasiResource) {
    super(parent);
    this.map = map;
  }

  /** The same fields, for looking at only, as a child of what they belong to. */
  viewOf(parent: WasiResource): Fields {
    return new Fields(this.map.view(), parent);
  }
}
