import type { Folded, Stored } from '@reckon/store/view';
import type { Watcher } from './watcher';

/**
 * The watchers of one resource, so placed that a change finds those it may concern without asking the others. Each stands in
 * exactly one place, the narrowest it has: its name, the field value that it requires, its namespace, or `broad`.
 */
export class WatcherIndex {
  readonly broad = new Set<Watcher>();
  private readonly byName = new Map<string, Set<Watcher>>();
  private readonly byNamespace = new Map<string, Set<Watcher>>();
  private readonly byField = new Map<string, Map<string, Set<Watcher>>>();
  private total = 0;

  get size(): number {
    return this.total;
  }

  /** True if all watchers are broad: nobody has to be looked for. */
  get isBroadOnly(): boolean {
    return this.total === this.broad.size;
  }

  add(watcher: Watcher): void {
    this.total++;
    const { name, requires, namespace } = watcher.request;
    if (name !== undefined) addTo(this.byName, name, watcher);
    else if (requires !== undefined) {
      const values = this.byField.get(requires.field) ?? new Map<string, Set<Watcher>>();
      this.byField.set(requires.field, values);
      addTo(values, requires.value, watcher);
    } else if (namespace !== '') addTo(this.byNamespace, namespace, watcher);
    else this.broad.add(watcher);
  }

  delete(watcher: Watcher): void {
    const { name, requires, namespace } = watcher.request;
    let wasThere: boolean;
    if (name !== undefined) wasThere = deleteFrom(this.byName, name, watcher);
    else if (requires !== undefined) {
      const values = this.byField.get(requires.field);
      wasThere = values !== undefined && deleteFrom(values, requires.value, watcher);
      if (values?.size === 0) this.byField.delete(requires.field);
    } else if (namespace !== '') wasThere = deleteFrom(this.byNamespace, namespace, watcher);
    else wasThere = this.broad.delete(watcher);
    if (wasThere) this.total--;
  }

  *all(): Iterable<Watcher> {
    yield* this.broad;
    for (const set of this.byName.values()) yield* set;
    for (const set of this.byNamespace.values()) yield* set;
    for (const values of this.byField.values()) for (const set of values.values()) yield* set;
  }

  /** Calls `found` for each narrow watcher that the change may concern, in scope, once. */
  find(change: Folded, found: (watcher: Watcher) => void): void {
    const { key } = change.after;
    const inNamespace = this.byNamespace.get(key.namespace);
    if (inNamespace !== undefined) for (const watcher of inNamespace) found(watcher);
    findInScope(this.byName.get(key.name), change.after, found);
    for (const [field, values] of this.byField) {
      const now = change.verb === 'delete' ? undefined : valueOf(change.after, field);
      const then = change.before === undefined ? undefined : valueOf(change.before, field);
      if (now !== undefined) findInScope(values.get(now), change.after, found);
      if (then !== undefined && then !== now) findInScope(values.get(then), change.after, found);
    }
  }
}

function valueOf(object: Stored, field: string): string | undefined {
  const { fields } = object;
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function findInScope(set: Set<Watcher> | undefined, object: Stored, found: (watcher: Watcher) => void): void {
  if (set === undefined) return;
  for (const watcher of set) if (watcher.isInScope(object)) found(watcher);
}

function addTo(sets: Map<string, Set<Watcher>>, value: string, watcher: Watcher): void {
  const set = sets.get(value);
  if (set === undefined) sets.set(value, new Set([watcher]));
  else set.add(watcher);
}

function deleteFrom(sets: Map<string, Set<Watcher>>, value: string, watcher: Watcher): boolean {
  const set = sets.get(value);
  if (set === undefined || !set.delete(watcher)) return false;
  if (set.size === 0) sets.delete(value);
  return true;
}
