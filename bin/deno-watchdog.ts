/** The thread that ends the process at a time (-W timeout, --stats), on Deno. */
import { platform } from "../src/adapters/deno.ts";
import { watch } from "../src/adapters/posix/watchdog.ts";
import { statsReports } from "../src/cli/stats/final-report.ts";

watch(platform, statsReports);
