import type { FieldMap } from "../../../core/http/fields.ts";
import { WasiResource } from "../io/resource.ts";

/** `wasi:http/types.fields`. With a request or response as its parent it is a view of that one's headers. */
export class Fields extends WasiResource {
  readonly map: FieldMap;

  constructor(map: FieldMap, parent?: WasiResource) {
    super(parent);
    this.map = map;
  }

  /** Returns an immutable view of the fields, as a child of the resource they belong to. */
  viewOf(parent: WasiResource): Fields {
    return new Fields(this.map.view(), parent);
  }
}
