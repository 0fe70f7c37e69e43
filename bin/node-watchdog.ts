/** The thread that ends the process at a time (-W timeout, --stats), on Node. */
import { platform } from "../src/adapters/node.ts";
import { watch } from "../src/adapters/posix/watchdog.ts";
import { statsWords } from "../src/cli/stats/last-words.ts";

watch(platform, statsWords);
