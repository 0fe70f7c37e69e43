import { cli, clocks, random } from "../../../src/wasi/p3/types/cli.ts";
import { filesystem } from "../../../src/wasi/p3/types/filesystem.ts";
import { http } from "../../../src/wasi/p3/types/http.ts";
import { sockets } from "../../../src/wasi/p3/types/sockets.ts";
import { testTables } from "../tables.ts";

testTables({
  version: "0.3.0",
  packages: ["clocks", "random", "cli", "filesystem", "sockets", "http"],
  tables: [clocks, random, cli, filesystem, sockets, http],
});
