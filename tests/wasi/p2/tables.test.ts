import { cli, clocks, random } from "../../../src/wasi/p2/types/cli.ts";
import { filesystem } from "../../../src/wasi/p2/types/filesystem.ts";
import { http } from "../../../src/wasi/p2/types/http.ts";
import { io } from "../../../src/wasi/p2/types/io.ts";
import { sockets } from "../../../src/wasi/p2/types/sockets.ts";
import { testTables } from "../tables.ts";

testTables({
  version: "0.2.12",
  packages: ["io", "clocks", "random", "cli", "filesystem", "sockets", "http"],
  tables: [io, clocks, random, cli, filesystem, sockets, http],
});
