import { noRevision } from '@reckon/store/contract';
import type { CompactionPlan, Entry, Head, Revision, StorageError } from '@reckon/store/contract';
import type { BatchOutcome } from './append-queue';
import { compareKeys } from './key-range';
import { notNewest } from './log-error';

/** The entries of a log in memory, by revision and by key. */
export class MemoryHistory {
  private readonly byRevision = new Map<number, Entry>();
  private readonly byKey = new Map<string, Entry[]>();
  newest: Entry | undefined;

  add(entry: Entry): void {
    this.byRevision.set(entry.revision, entry);
    const versions = this.byKey.get(entry.key);
    if (versions === undefined) this.byKey.set(entry.key, [entry]);
    else versions.push(entry);
    this.newest = entry;
  }

  commit(appends: readonly (readonly Entry[])[]): BatchOutcome {
    for (const [i, entries] of appends.entries()) {
      const misfit = this.misfit(entries);
      if (misfit !== undefined) return { committed: i, failure: misfit };
      for (const entry of entries) this.add(entry);
    }
    return { committed: appends.length };
  }

  all(): Iterable<Entry> {
    return this.byRevision.values();
  }

  *heads(): Iterable<Head> {
    for (const versions of this.byKey.values()) {
      const newest = versions.at(-1);
      if (newest !== undefined && newest.verb !== 'delete') yield newest;
    }
  }

  between(after: number, to: number): Entry[] {
    const found: Entry[] = [];
    for (let r = after + 1; r <= to; r++) {
      const entry = this.byRevision.get(r);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }

  stateAt(at: Revision, prefix: string, startKey: string): Head[] {
    const found: Head[] = [];
    for (const [key, versions] of this.byKey) {
      if (!key.startsWith(prefix) || compareKeys(key, startKey) < 0) continue;
      const then = versions.findLast((entry) => entry.revision <= at);
      if (then !== undefined && then.verb !== 'delete') found.push(then);
    }
    return found.sort((a, b) => compareKeys(a.key, b.key));
  }

  newestAtTime(timeMs: number): Revision {
    let newest = noRevision;
    for (const entry of this.byRevision.values()) {
      if (entry.at > timeMs) break;
      newest = entry.revision;
    }
    return newest;
  }

  compact(plan: readonly CompactionPlan[]): number {
    let removed = 0;
    for (const { prefix, floor } of plan)
      for (const [key, versions] of this.byKey) {
        if (!key.startsWith(prefix)) continue;
        const base = versions.findLast((entry) => entry.revision <= floor);
        const goes = versions.filter(
          (e) => e.revision <= floor && (e !== base || e.verb === 'delete') && e !== this.newest,
        );
        for (const entry of goes) this.byRevision.delete(entry.revision);
        const stays = versions.filter((e) => !goes.includes(e));
        if (stays.length === 0) this.byKey.delete(key);
        else this.byKey.set(key, stays);
        removed += goes.length;
      }
    return removed;
  }

  private misfit(entries: readonly Entry[]): StorageError | undefined {
    const newest = new Map<string, Entry>();
    for (const entry of entries) {
      const before = newest.get(entry.key) ?? this.byKey.get(entry.key)?.at(-1);
      const expected = before === undefined || before.verb === 'delete' ? noRevision : before.revision;
      if (entry.previous !== expected || (entry.previous === 0) !== (entry.verb === 'create'))
        return notNewest(entry.revision, entry.key, entry.previous);
      newest.set(entry.key, entry);
    }
    return undefined;
  }
}
