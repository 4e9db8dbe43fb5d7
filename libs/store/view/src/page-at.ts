import type { Revision } from '@reckon/store/contract';
import { isSelective, lastOf, selects } from './page';
import type { Page, PageRequest } from './page';
import type { ResourceTable } from './resource-table';
import type { Stored } from './stored';

/**
 * A page of the state at an earlier revision, which must not be below the floor of the recent changes: the current state with
 * everything newer undone. Worked example, floor 10, now 14: entries 11 `create a`, 12 `update b`, 13 `delete c`, 14 `update b`.
 * At 11 the undo is {b: as before 12, c: as before 13}; at 10 also {a: absent}. The oldest change of a key wins, because it
 * holds what was there just after the revision asked for.
 */
export function pageAt(table: ResourceTable, at: Revision, request: PageRequest): Page {
  const undo = undoTo(table, at, request);
  const { from, to } = table.range(request.namespace, request.startAfter);
  const { limit } = request;
  const items: Stored[] = [];
  let isCut = false;
  let next = 0;

  const take = (object: Stored): boolean => {
    if (limit > 0 && items.length === limit) {
      isCut = true;
      return false;
    }
    if (selects(request, object)) items.push(object);
    return true;
  };
  const takeGone = (before: string | undefined): boolean => {
    for (let gone = undo.gone[next]; gone !== undefined; gone = undo.gone[++next]) {
      if (before !== undefined && table.order.order(gone.text, before) > 0) return true;
      if (!take(gone)) return false;
    }
    return true;
  };

  table.order.each(from, to, (object) => {
    if (!takeGone(object.text)) return false;
    if (!undo.states.has(object.text)) return take(object);
    const then = undo.states.get(object.text);
    return then === undefined || take(then);
  });
  if (!isCut) takeGone(undefined);

  if (!isCut) return { items };
  const lastKey = lastOf(items);
  if (isSelective(request)) return { items, next: { lastKey } };
  return { items, next: { lastKey, remaining: remainingAfter(table, request.namespace, lastKey, undo) } };
}

/** One object as it was at a revision not below the recent floor. */
export function objectAt(table: ResourceTable, text: string, at: Revision): Stored | undefined {
  const { recent } = table;
  for (let i = recent.after(at); i < recent.length; i++) {
    const change = recent.at(i);
    if (change?.after.text === text) return change.before;
  }
  return table.get(text);
}

interface Undo {
  /** Keys that changed since, with their state then. */
  readonly states: ReadonlyMap<string, Stored | undefined>;
  /** Those of them that existed then and do not now, in key order. */
  readonly gone: readonly Stored[];
}

function undoTo(table: ResourceTable, at: Revision, request: PageRequest): Undo {
  const scope = table.scope(request.namespace);
  const after = request.startAfter;
  const states = new Map<string, Stored | undefined>();
  for (let i = table.recent.after(at); i < table.recent.length; i++) {
    const change = table.recent.at(i);
    if (change === undefined) continue;
    const text = change.after.text;
    if (!text.startsWith(scope) || states.has(text)) continue;
    if (after !== undefined && table.order.order(text, after) <= 0) continue;
    states.set(text, change.before);
  }
  const gone: Stored[] = [];
  for (const [text, then] of states) if (then !== undefined && table.get(text) === undefined) gone.push(then);
  gone.sort((a, b) => table.order.order(a.text, b.text));
  return { states, gone };
}

function remainingAfter(table: ResourceTable, namespace: string, lastKey: string, undo: Undo): number {
  const { from, to } = table.range(namespace, lastKey);
  let remaining = table.order.between(from, to);
  for (const [text, then] of undo.states) {
    if (table.order.order(text, lastKey) <= 0) continue;
    const isNow = table.get(text) !== undefined;
    if (then !== undefined && !isNow) remaining++;
    if (then === undefined && isNow) remaining--;
  }
  return remaining;
}
