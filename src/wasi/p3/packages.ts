import type { ComponentType } from "../../component/types/types.ts";
import type { MakeImports } from "../host.ts";
import { importsPackage } from "../imports-package.ts";
import { p3 } from "../versions.ts";
import { basicImports } from "./imports.ts";

/** Loads the packages of WASI 0.3 that a component imports, without `wasi:http`, which is granted separately. */
export async function loadP3(type: ComponentType): Promise<MakeImports[]> {
  const made: MakeImports[] = [basicImports];
  if (importsPackage(type, "wasi:sockets", p3)) made.push((await import("./sockets/imports.ts")).socketsImports);
  if (importsPackage(type, "wasi:filesystem", p3))
    made.push((await import("./filesystem/imports.ts")).filesystemImports);
  return made;
}
