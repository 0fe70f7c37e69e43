/** Reads the JUnit XML that node, bun and deno write, which differ: what each test came to. */

export interface Case {
  /** Suites and test, joined by " > ". */
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it was skipped, if the runtime says so. */
  readonly reason: string | undefined;
}

export function readJUnit(xml: string): Case[] {
  const cases: Case[] = [];
  for (const [, attributes = "", body = ""] of xml.matchAll(
    /<testcase((?:\s+\w+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const skipped = /<skipped\b((?:\s+\w+="[^"]*")*)/.exec(body);
    const failed = /<(?:failure|error)\b/.test(body);
    const suites = attribute(attributes, "classname") ?? "";
    const own = attribute(attributes, "name") ?? "";
    // node writes "test" for a top-level test; deno, the file and the whole name.
    const plain = suites === "" || suites === "test" || suites.includes("/");
    cases.push({
      name: plain ? own : `${suites} > ${own}`,
      result: failed ? "failed" : skipped ? "skipped" : "passed",
      reason: skipped ? attribute(skipped[1]!, "message") : undefined,
    });
  }
  // Deno lists a suite beside its tests.
  return cases.filter(({ name }) => !cases.some((other) => other.name.startsWith(`${name} > `)));
}

function attribute(attributes: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes);
  return match?.[1]?.replace(/&(lt|gt|amp|quot|apos|#10);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", "#10": "\n" } as const;
