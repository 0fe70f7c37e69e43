import { parseExternName, splitVersion } from "../component/types/names.ts";
import type { ComponentType, ExternType } from "../component/types/types.ts";
import { type Externs, type Homes, type Item, isPlain, linesOf, WitScope } from "./wit-scope.ts";
import { block, identifier } from "./wit-type.ts";

type Lines = readonly string[];

/**
 * Returns a component's imports and exports in WIT syntax (component-model, WIT.md): a world named `root`, then the
 * interfaces that it refers to, by package. Items that WIT cannot express, such as an imported core module, become
 * comments.
 */
export function witOf(component: ComponentType): string {
  const writer = new WitWriter();
  const imports = writer.externs("import", component.imports);
  const exports = writer.externs("export", component.exports);
  const between = imports.length > 0 && exports.length > 0 ? [""] : [];
  return [
    "package root:component;",
    "",
    ...block("world root", [...imports, ...between, ...exports]),
    ...writer.packages().flatMap((lines) => ["", ...lines]),
    "",
  ].join("\n");
}

class WitWriter {
  readonly #homes: Homes = new Map();
  readonly #world = new WitScope("root", this.#homes);
  /** The items of each interface, by package and by the interface's name in it. */
  readonly #packages = new Map<string, Map<string, Map<string, Item>>>();

  externs(direction: "import" | "export", externs: Externs): Lines {
    for (const [name, type] of externs) {
      if (type.kind === "instance" && parseExternName(name)?.kind === "interface")
        this.#interface(name, type.type.exports);
    }
    this.#world.declare(externs);
    return linesOf([...externs].flatMap(([name, type]) => this.#item(direction, name, type, externs)));
  }

  #item(direction: string, name: string, type: ExternType, around: Externs): readonly Item[] {
    switch (type.kind) {
      case "func":
        return isPlain(name) ? [{ lines: [`${direction} ${identifier(name)}: ${this.#world.func(type.type)};`] }] : [];
      case "instance": {
        if (parseExternName(name)?.kind === "interface") return [{ lines: [`${direction} ${name};`] }];
        const items = new WitScope(name, this.#homes).items(type.type.exports);
        return [{ lines: block(`${direction} ${identifier(name)}: interface`, linesOf(items.values())) }];
      }
      case "type":
        return [this.#world.type(name, type.type, around)];
      default:
        return [{ lines: [`// ${direction} ${name}: ${type.kind}`] }];
    }
  }

  /** Adds an interface. One that is both imported and exported has the items of both. */
  #interface(name: string, externs: Externs): void {
    const { base, version } = splitVersion(name);
    const [pkg = "", label = ""] = base.split("/");
    const full = version === undefined ? pkg : `${pkg}@${version}`;
    const interfaces = this.#packages.get(full) ?? new Map<string, Map<string, Item>>();
    this.#packages.set(full, interfaces);
    const items = new WitScope(name, this.#homes).items(externs);
    interfaces.set(label, new Map([...items, ...(interfaces.get(label) ?? [])]));
  }

  packages(): readonly Lines[] {
    return [...this.#packages].map(([name, interfaces]) => {
      const bodies = [...interfaces].map(([label, items]) =>
        block(`interface ${identifier(label)}`, linesOf(items.values())),
      );
      return block(
        `package ${name}`,
        bodies.flatMap((lines, i) => (i === 0 ? lines : ["", ...lines])),
      );
    });
  }
}
