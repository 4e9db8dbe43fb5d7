import { jsonEqual } from '@reckon/api/machinery';
import type { HistoryEntry } from './history-entry';
import { noise } from './field-changes';
import { childPath, elementNames, isObject, isPlainList, type Shape, type ShapeOf } from './list-shape';

/** Who set a field to what it is. */
export interface Blame {
  readonly path: string;
  readonly value: unknown;
  /** The entry that set it; undefined: it is older than the history that is kept. */
  readonly by: Pick<HistoryEntry, 'revision' | 'at' | 'actor' | 'manager' | 'agent' | 'verb'> | undefined;
}

/** Leaves of an object by path, in its order: values, lists of plain values, and what is empty. */
export function leavesOf(object: unknown, shape: Shape | undefined, hidden = noise): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  walk(object, shape, '');
  return leaves;

  function walk(value: unknown, at: Shape | undefined, path: string): void {
    if (hidden.has(path)) return;
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const name of Object.keys(value)) walk(value[name], at?.child(name), childPath(path, name));
    } else if (Array.isArray(value) && !isPlainList(value)) {
      const names = elementNames(value, at) ?? value.map((_, i) => `[${i}]`);
      for (const [i, element] of value.entries()) walk(element, at?.item, path + (names[i] ?? ''));
    } else leaves.set(path, value);
  }
}

/**
 * Folds the entries of one object, oldest first, into who set each field of its newest state. `undefined` when there are none.
 *
 * ```
 *   7 create  jane   {a: 1, b: 1}      a ← 7 jane   b ← 7 jane
 *   9 update  bob    {a: 2, b: 1}      a ← 9 bob    b ← 7 jane
 *  12 update  jane   {a: 2}            a ← 9 bob
 * ```
 */
export class BlameFold {
  private leaves = new Map<string, Blame>();
  private seen = 0;
  private last: HistoryEntry | undefined;

  constructor(private readonly shapeOf: ShapeOf) {}

  add(entry: HistoryEntry): void {
    const before = this.leaves;
    // What the first update that is kept changed, nobody can say.
    const isKnown = this.seen++ > 0 || entry.verb === 'create';
    const starts = entry.verb === 'create' || this.last?.verb === 'delete';
    const by = isKnown ? attributionOf(entry) : undefined;
    this.last = entry;
    // A delete stamps fields of its own on the last state; that is no state of the object.
    if (entry.verb === 'delete') return;
    this.leaves = new Map();
    for (const [path, value] of leavesOf(entry.object, this.shapeOf(entry.object))) {
      const old = starts ? undefined : before.get(path);
      this.leaves.set(path, old !== undefined && jsonEqual(old.value, value) ? old : { path, value, by });
    }
  }

  /** The newest entry of the object; a delete means that the fields are those it had. */
  get newest(): HistoryEntry | undefined {
    return this.last;
  }

  fields(): Blame[] {
    return [...this.leaves.values()];
  }
}

const attributionOf = ({ revision, at, actor, manager, agent, verb }: HistoryEntry): NonNullable<Blame['by']> => ({
  revision,
  at,
  actor,
  manager,
  agent,
  verb,
});
