/** -O, -C, -D and -R. */
import { guestFile } from "../../e2e/host.ts";
import { caused, type Row, refused, works } from "../row.ts";
import { accepted, lacking } from "./by-kind.ts";
import { HELLO, hello, type Places, runs } from "./places.ts";

export function engineRows({ directory, guests }: Places): Row[] {
  const toml = (name: string) => `-Ccache-config=${directory}/${name}`;
  const frames = (count: number) =>
    new RegExp(
      `^Error: failed to run main module (?:(?!^ +\\d+: .*!)[^])*(?:^ +\\d+: .*!.*\n){${count}}(?! +\\d+: .*!)`,
      "m",
    );
  return [
    ...accepted(
      "O",
      "opt-level regalloc-algorithm memory-may-move memory-reservation memory-reservation-for-growth memory-guard-size " +
        "gc-heap-may-move gc-heap-reservation gc-heap-reservation-for-growth gc-heap-guard-size gc-heap-initial-size " +
        "guard-before-linear-memory table-lazy-init pooling-allocator pooling-decommit-batch-size " +
        "pooling-memory-keep-resident pooling-table-keep-resident pooling-memory-protection-keys " +
        "pooling-max-memory-protection-keys memory-init-cow memory-guaranteed-dense-image-size " +
        "pooling-total-core-instances pooling-total-component-instances pooling-total-memories pooling-total-tables " +
        "pooling-total-stacks pooling-max-memory-size pooling-table-elements pooling-max-core-instance-size " +
        "pooling-max-unused-warm-slots pooling-async-stack-keep-resident pooling-max-component-instance-size " +
        "pooling-max-core-instances-per-component pooling-max-memories-per-component pooling-max-tables-per-component " +
        "pooling-max-tables-per-module pooling-max-memories-per-module pooling-total-gc-heaps signals-based-traps " +
        "dynamic-memory-guard-size static-memory-guard-size static-memory-forced static-memory-maximum-size " +
        "dynamic-memory-reserved-for-growth pooling-pagemap-scan gc-zeal-alloc-counter",
    ),
    runs(
      "-O opt-level",
      "-Oopt-level=3",
      hello,
      refused(
        /^error: failed to parse -O option `opt-level=3`: unknown optimization level `3`, only 0,1,2,s accepted$/m,
        2,
      ),
    ),

    ...accepted(
      "C",
      "compiler collector cranelift-debug-verifier cache parallel-compilation native-unwind-info inlining " +
        "metadata-for-internal-asserts metadata-for-gc-heap-corruption",
    ),
    runs("-C cache-config", toml("cache.toml"), hello, works(HELLO)),
    runs(
      "-C cache-config",
      toml("no.toml"),
      hello,
      caused(`failed to read config file: ${directory}/no.toml`, "No such file or directory (os error 2)"),
    ),

    ...accepted(
      "D",
      "debug-info address-map logging log-to-files arg inherit-stdin inherit-stdout inherit-stderr symbols",
    ),
    ...lacking("D", "guest-debug debugger"),
    runs("-D coredump", "-Dcoredump=core", hello, works(HELLO)),
    runs(
      "-D coredump",
      "-Dcoredump=core",
      [guestFile("trap"), "unreachable"],
      works("", { end: 134, stderr: /^warning: coredump failed to generate: .*\nError: failed to run main module /m }),
    ),
    runs(
      "-D coredump",
      "-Dcoredump=core%p",
      hello,
      refused("the coredump-on-trap path does not support patterns yet."),
    ),
    runs("-D max-backtrace", "-Dmax-backtrace=3", [guests.deep], works("", { end: 134, stderr: frames(3) })),
    runs("-D max-backtrace", "", [guests.deep], works("", { end: 134, stderr: frames(20) })),

    ...lacking("R", "path"),
    ...accepted("R", "validation-metadata event-window-size"),
  ];
}
