/** A node may come back, or the cache be behind: its pods are left alone so long (upstream's `quarantineTime`). */
const quarantineMs = 40_000;

/** Since when nodes that pods name are missing. */
export class NodeQuarantine {
  private readonly sinceMs = new Map<string, number>();

  /** Those of the missing that have been so long enough. A node that is not missing now starts anew. */
  released(missing: ReadonlySet<string>, nowMs: number): string[] {
    for (const name of this.sinceMs.keys()) if (!missing.has(name)) this.sinceMs.delete(name);
    const out: string[] = [];
    for (const name of missing) {
      const since = this.sinceMs.get(name);
      if (since === undefined) this.sinceMs.set(name, nowMs);
      else if (nowMs - since >= quarantineMs) out.push(name);
    }
    return out;
  }
}
