import type { Match, StoredObject } from '@reckon/store/contract';
import type { ResourceTable } from './resource-table';
import type { Stored } from './stored';

export interface PageRequest {
  readonly namespace: string;
  /** Only objects of this name. */
  readonly name: string | undefined;
  readonly match: Match | undefined;
  /** 0 = no limit. */
  readonly limit: number;
  readonly startAfter: string | undefined;
}

export interface Page {
  readonly items: readonly StoredObject[];
  /** Set if keys follow the last item; `remaining` counts them, unless a selector makes that number meaningless. */
  readonly next?: { readonly lastKey: string; readonly remaining?: number };
}

/** A page of the current state. A selector's page may be followed by keys that match nothing: clients go on until no token comes. */
export function pageNow(table: ResourceTable, request: PageRequest): Page {
  const { from, to } = table.range(request.namespace, request.startAfter);
  const order = table.order;
  if (!isSelective(request)) {
    const items = order.slice(from, to, request.limit);
    if (request.limit === 0) return { items };
    const remaining = order.between(from, to) - items.length;
    return remaining > 0 ? { items, next: { lastKey: lastOf(items), remaining } } : { items };
  }
  const { limit } = request;
  const items: Stored[] = [];
  let isCut = false;
  order.each(from, to, (object) => {
    if (limit > 0 && items.length === limit) {
      isCut = true;
      return false;
    }
    if (selects(request, object)) items.push(object);
    return true;
  });
  return isCut ? { items, next: { lastKey: lastOf(items) } } : { items };
}

export const isSelective = (request: PageRequest): boolean => request.match !== undefined || request.name !== undefined;

export function selects({ name, match }: PageRequest, object: StoredObject): boolean {
  return (
    (name === undefined || object.key.name === name) && (match === undefined || match(object.labels, object.fields))
  );
}

export const lastOf = (items: readonly Stored[]): string => items[items.length - 1]?.text ?? '';
