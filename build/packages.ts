/** The packages to publish, from what the build's other steps have made. */
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { documentsFrom } from "./links.ts";
import { binaryOf, executable, root, targets } from "./targets.ts";

/** The workspace's package.json, which is not published as it is. */
interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Fields that are the workspace's own. What the program depends on is in its bundles. */
const own: ReadonlySet<string> = new Set(["scripts", "dependencies", "devDependencies", "allowScripts"]);

/** Fields that are the same in all packages. */
const shared = ["version", "license", "author", "homepage", "repository", "bugs"] as const;

const manifest: Manifest & { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

/** Returns package.json of `pollux`. As in esbuild, npm installs the binary whose `os`, `cpu` and `libc` are the machine's, and runs no script. */
export function mainManifest(): Manifest {
  const published = Object.entries(manifest).filter(([field]) => !own.has(field));
  const files = [...new Set([...manifest.files, ...documents(), LICENSES])];
  const optionalDependencies = Object.fromEntries(
    Object.keys(targets).map((platform) => [packageOf(platform), manifest.version]),
  );
  return { ...Object.fromEntries(published), version: manifest.version, files, optionalDependencies };
}

export function packageOf(platform: string): string {
  return `@pollux/${platform}`;
}

/** @param platform one of `targets` */
export function binaryManifest(platform: string): Readonly<Record<string, unknown>> {
  const { os, cpu, libc } = targets[platform]!;
  return {
    name: packageOf(platform),
    ...Object.fromEntries(shared.map((field) => [field, manifest[field]])),
    description: `The standalone binary of pollux for ${platform}`,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    // A scoped package is private unless it says so; Yarn keeps packages in archives, from which nothing can be started.
    publishConfig: { access: "public" },
    preferUnplugged: true,
    files: [executable(platform), LICENSES],
  };
}

/**
 * Writes `pollux`, and the package of each machine whose binary is there, each into a folder of its name.
 *
 * @param into The folder of the packages, which is made anew.
 */
export function writePackages(into: string): void {
  rmSync(into, { recursive: true, force: true });
  writeMainPackage(join(into, "pollux"));
  for (const platform of Object.keys(targets)) {
    if (existsSync(binaryOf(platform))) writeBinaryPackage(platform, join(into, platform));
  }
}

/** `pollux`: the launcher, the program for each runtime, and the library. */
export function writeMainPackage(folder: string): void {
  for (const file of [...manifest.files, ...documents(), "LICENSE"]) copy(file, folder);
  writeFileSync(join(folder, LICENSES), licenses());
  writeManifest(folder, mainManifest());
}

/** @param platform one of `targets`, whose binary is there */
export function writeBinaryPackage(platform: string, folder: string): void {
  const file = join(folder, executable(platform));
  copy("LICENSE", folder);
  cpSync(binaryOf(platform), file);
  chmodSync(file, 0o755);
  writeFileSync(join(folder, LICENSES), licenses());
  writeFileSync(join(folder, "README.md"), readme(platform, statSync(file).size));
  writeManifest(folder, binaryManifest(platform));
}

function readme(platform: string, bytes: number): string {
  return `# ${packageOf(platform)}

The standalone binary of pollux for ${platform}, ${Math.round(bytes / 1e6)} MB. The package \`pollux\` has npm install it where it runs, and starts it.

How far it has been tried: ${targets[platform]!.tried}.
`;
}

/** README.md and all that it leads to: its links work in the package, too. */
function documents(): readonly string[] {
  return documentsFrom(root, "README.md");
}

export const LICENSES = "THIRD-PARTY-LICENSES";

/** The licences of the packages whose code is in the program, which have to be where it is. */
export function licenses(): string {
  return bundledPackages()
    .map((name) => {
      const folder = join(root, "node_modules", name);
      const { version }: { version: string } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const [file] = globSync("LICEN[CS]E*", { cwd: folder });
      if (file === undefined) throw new Error(`${name} has no licence in its package`);
      return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    })
    .join("\n----\n\n");
}

/** The dependencies that the sources import; not for their types alone. (A template of `pollux new` imports others.) */
export function bundledPackages(): readonly string[] {
  const imported =
    /^import (?!type\b)[^"]*?"((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^"]*)?";|\bimport\("((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^"]*)?"\)/gm;
  const names = globSync("{src,bin}/**/*.ts", { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(imported)].map(([, name, later]) => name ?? later ?? ""),
  );
  return [...new Set(names)].filter((name) => Object.hasOwn(manifest.dependencies, name)).sort();
}

function copy(file: string, into: string): void {
  const to = join(into, file);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, file), to, { recursive: true });
}

function writeManifest(folder: string, value: object): void {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(value, undefined, 2)}\n`);
}
