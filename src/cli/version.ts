/** Pollux's version. tests/cli/version.test.ts holds package.json and deno.json to it. */
export const version = "0.1.0";
