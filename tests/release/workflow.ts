/** Workflows and actions of GitHub, of which the steps that are shell scripts are run here. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { type Ended, ended } from "./shell.ts";

const root = join(import.meta.dirname, "../..");

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

export interface Action {
  readonly runs: { readonly steps: readonly Step[] };
}

/** Bun reads YAML. */
function readYaml(path: string): string {
  const program = "console.log(JSON.stringify(Bun.YAML.parse(await Bun.file(process.argv[1]).text())))";
  const bun = join(root, "node_modules/.bin/bun");
  const { status, stdout, stderr } = spawnSync(bun, ["-e", program, join(root, path)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${path}: ${stderr}`);
  return stdout;
}

export function workflow(name: "ci" | "release"): Workflow {
  return JSON.parse(readYaml(`.github/workflows/${name}.yml`));
}

export function action(): Action {
  return JSON.parse(readYaml("action.yml"));
}

/** The step of that name or id, or with that as its script. */
export function stepOf(steps: readonly Step[], name: string): Step {
  const step = steps.find((each) => each.name === name || each.id === name || each.run === name);
  if (step === undefined) throw new Error(`no step ${name}`);
  return step;
}

/** What runs the steps of a job, one after another: what one writes to GITHUB_ENV, _PATH and _OUTPUT the next ones have. */
export class Runner {
  /** Folders that were put before PATH, the last first. */
  readonly path: string[] = [];
  readonly #folder: string;
  readonly #values: Map<string, string>;
  readonly #env: Record<string, string>;

  /**
   * @param folder where steps run, and what they are told is RUNNER_TEMP
   * @param values what expressions stand for, by their text: `inputs.version`
   * @param env what steps find in their environment, beside this process's
   */
  constructor(
    folder: string,
    values: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#folder = folder;
    this.#values = new Map(Object.entries(values));
    this.#env = { RUNNER_TEMP: folder, GITHUB_WORKSPACE: folder, ...env };
  }

  async run({ id, run, env = {} }: Step): Promise<Ended> {
    if (run === undefined) throw new Error("a step without a script");
    const files = mkdtempSync(join(this.#folder, "step-"));
    const file = (name: string) => join(files, name);
    for (const name of ["ENV", "PATH", "OUTPUT"]) writeFileSync(file(name), "");
    writeFileSync(file("script"), this.#expand(run));
    const { PATH = "", HOME = "" } = process.env;
    const result = await ended(["bash", "--noprofile", "--norc", "-eo", "pipefail", file("script")], {
      cwd: this.#folder,
      env: {
        HOME,
        PATH: [...this.path, PATH].join(delimiter),
        ...this.#env,
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, this.#expand(value)])),
        GITHUB_ENV: file("ENV"),
        GITHUB_PATH: file("PATH"),
        GITHUB_OUTPUT: file("OUTPUT"),
      },
    });
    const lines = (name: string) => readFileSync(file(name), "utf8").split("\n").filter(Boolean);
    const pairs = (name: string) => lines(name).map((line) => /^([^=]+)=(.*)$/.exec(line)!);
    for (const [, name = "", value = ""] of pairs("ENV")) this.#env[name] = value;
    for (const [, name = "", value = ""] of pairs("OUTPUT")) this.#values.set(`steps.${id}.outputs.${name}`, value);
    this.path.unshift(...lines("PATH").reverse());
    return result;
  }

  /** The output of a step that has run. */
  output(step: string, name: string): string | undefined {
    return this.#values.get(`steps.${step}.outputs.${name}`);
  }

  #expand(text: string): string {
    return text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
      const value = this.#values.get(expression);
      if (value === undefined) throw new Error(`nothing is known of ${expression}`);
      return value;
    });
  }
}
