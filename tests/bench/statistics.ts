/** The middle of the values, or the mean of the two in the middle. At least one value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of `a[i] / b[i]` over the rounds that both have. Both hold at least one value, in the order of the rounds.
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): number {
  const rounds = Math.min(a.length, b.length);
  return median(Array.from({ length: rounds }, (_, i) => a[i]! / b[i]!));
}

/** The slope of the line through the points that has the least squares. At least two points, of different x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))];
  const rise = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return rise / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
