// What a load generator tells of its requests: how many, how many a second, and how long they took.
#pragma once
#include "loopback.h"

enum {
  LATENCY_BUCKETS = 1000000, // of 1 us; the last holds all that took longer
};

static long latencies[LATENCY_BUCKETS];

static inline void record_latency(double us) {
  latencies[us < LATENCY_BUCKETS - 1 ? (long)us : LATENCY_BUCKETS - 1]++;
}

static inline long percentile(long total, double share) {
  long seen = 0, bucket = 0;
  while (bucket < LATENCY_BUCKETS - 1 && (seen += latencies[bucket]) <= total * share)
    bucket++;
  return bucket;
}

// The members of a JSON object, without its braces.
static inline void print_throughput(long done, double elapsed_us) {
  printf("\"done\":%ld,\"perSecond\":%.1f,\"p50us\":%ld,\"p99us\":%ld", done, done / (elapsed_us / 1e6), percentile(done, 0.5),
         percentile(done, 0.99));
}
