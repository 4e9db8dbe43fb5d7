/** Pods whose tracking finalizer was taken off, and whose cache still shows it: they must not be counted again. */
export class FinalizerExpectations {
  private readonly jobs = new Map<string, Set<string>>();

  /** By the uid of the job; a copy. */
  awaited(job: string): ReadonlySet<string> {
    return new Set(this.jobs.get(job));
  }

  expect(job: string, pods: Iterable<string>): void {
    const known = this.jobs.get(job) ?? new Set();
    for (const pod of pods) known.add(pod);
    this.jobs.set(job, known);
  }

  saw(job: string, pod: string): void {
    this.jobs.get(job)?.delete(pod);
  }

  forget(job: string): void {
    this.jobs.delete(job);
  }
}
