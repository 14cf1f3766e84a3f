/** Growing, jittered waiting times between attempts, so that a restarted server is not stormed by all its widgets at once. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly firstMs = 500,
    private readonly longestMs = 30_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next waiting time: between half and all of 0.5 s, 1 s, 2 s … 30 s; never below `atLeastMs`. */
  next(atLeastMs = 0): number {
    const full = Math.min(this.longestMs, this.firstMs * 2 ** Math.min(this.failures, 16));
    this.failures += 1;
    return Math.max(atLeastMs, full / 2 + (full / 2) * this.random());
  }

  reset(): void {
    this.failures = 0;
  }
}
