import { keyText, parseKey } from '@reckon/store/contract';
import type { Head, ObjectKey, Revision, StorageResource, Verb } from '@reckon/store/contract';
import type { Folded } from './folded';
import { RecentChanges } from './recent-changes';
import { ResourceTable } from './resource-table';
import type { Stored } from './stored';

export interface ViewOptions {
  /** The revision that `heads` show. */
  readonly revision: Revision;
  /** Bound of the buffer of recent changes. */
  readonly recentBytes: number;
}

/**
 * The current state: a fold of the log up to `revision` (View-equals-fold). Only durable entries come in, in revision order,
 * through `fold`; everything that reads sees the state between two batches.
 */
export class View {
  readonly recent: RecentChanges;
  private at: Revision;
  /** By group, then resource: looked up for every request, so without making a text of the two. */
  private readonly groups = new Map<string, Map<string, ResourceTable>>();

  constructor(options: ViewOptions) {
    this.at = options.revision;
    this.recent = new RecentChanges(options.revision, options.recentBytes);
  }

  get revision(): Revision {
    return this.at;
  }

  /** Puts the live objects in; once, before anything else. */
  async load(heads: AsyncIterable<readonly Head[]>): Promise<void> {
    const loaded = new Map<string, { table: ResourceTable; objects: Stored[] }>();
    for await (const chunk of heads) {
      for (const head of chunk) {
        const prefix = prefixOf(head.key);
        let slot = loaded.get(prefix);
        if (slot === undefined) {
          slot = { table: this.table(parseKey(head.key)), objects: [] };
          loaded.set(prefix, slot);
        }
        slot.objects.push(slot.table.stored(head.key, head.revision, head.object));
      }
    }
    for (const { table, objects } of loaded.values()) table.load(objects);
  }

  /** The table of a resource, made on first use. */
  table(resource: StorageResource): ResourceTable {
    return this.known(resource) ?? this.add(resource);
  }

  *resources(): Iterable<ResourceTable> {
    for (const tables of this.groups.values()) yield* tables.values();
  }

  get(key: ObjectKey): Stored | undefined {
    return this.known(key)?.get(keyText(key));
  }

  /** Takes the next durable entry in; its revision must be the next one. */
  fold(table: ResourceTable, verb: Verb, after: Stored): Folded {
    if (after.revision !== this.at + 1)
      throw new Error(`folding revision ${String(after.revision)} onto ${String(this.at)}: the log has a hole`);
    const change: Folded = { verb, before: table.get(after.text), after, table };
    if (verb === 'delete') table.delete(after.text);
    else table.set(after);
    this.at = after.revision;
    this.recent.add(change);
    return change;
  }

  private known(resource: StorageResource): ResourceTable | undefined {
    return this.groups.get(resource.group)?.get(resource.resource);
  }

  private add({ group, resource }: StorageResource): ResourceTable {
    const table = new ResourceTable({ group, resource });
    const tables = this.groups.get(group) ?? new Map<string, ResourceTable>();
    this.groups.set(group, tables);
    tables.set(resource, table);
    return table;
  }
}

/** `/core/pods/default/web` → `/core/pods/`. */
function prefixOf(text: string): string {
  return text.slice(0, text.indexOf('/', text.indexOf('/', 1) + 1) + 1);
}
