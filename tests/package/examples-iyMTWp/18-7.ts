import { stdio } from "/work/w-lib/src/index.ts";

const { stdout } = await stdio();
await stdout.write(new TextEncoder().encode("written\n"));
