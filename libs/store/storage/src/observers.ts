import type { WatchEvent } from '@reckon/store/contract';
import type { Folded, ResourceTable } from '@reckon/store/view';

type Listener = (event: WatchEvent) => void;

const types = { create: 'ADDED', update: 'MODIFIED', delete: 'DELETED' } as const;

/** Indexes inside the server, told of every folded change of a resource before anybody is answered. */
export class Observers {
  private readonly byTable = new Map<ResourceTable, Set<Listener>>();

  observe(table: ResourceTable, listener: Listener): () => void {
    const listeners = this.byTable.get(table) ?? new Set<Listener>();
    this.byTable.set(table, listeners);
    // Its own identity, so that one function may observe twice.
    const own: Listener = (event) => listener(event);
    listeners.add(own);
    for (const object of table.order.slice(table.order.start, table.order.end, 0))
      own({ type: 'ADDED', revision: object.revision, object });
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.byTable.get(table) === listeners) this.byTable.delete(table);
    };
  }

  notify(changes: readonly Folded[]): void {
    if (this.byTable.size === 0) return;
    for (const { table, verb, after } of changes) {
      const listeners = this.byTable.get(table);
      if (listeners === undefined) continue;
      for (const listener of listeners) listener({ type: types[verb], revision: after.revision, object: after });
    }
  }
}
