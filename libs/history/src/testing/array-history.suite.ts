import { statusErrors } from '@reckon/api/machinery';
import { parsedEntries } from '../entry-lines';
import type { HistoryEntry, Verb } from '../history-entry';
import {
  type Floor,
  floorOf,
  type HistoryRequest,
  type HistoryScope,
  type HistorySource,
  prefixOf,
} from '../history-source';
import type { ResourceInfo } from '../resource-names';

export const resource = (group: string, name: string, kind: string): ResourceInfo => ({
  group,
  version: 'v1',
  resource: name,
  singular: kind.toLowerCase(),
  kind,
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
});

export const pods = resource('', 'pods', 'Pod');
export const secrets = resource('', 'secrets', 'Secret');
export const leases = resource('coordination.k8s.io', 'leases', 'Lease');

/** A history in memory that is grown, compacted and guarded by a test. */
export class ArrayHistory implements HistorySource {
  private all: HistoryEntry[] = [];
  private floors: Floor[] = [];
  head = 0;
  /** Resources that may not be listed; `*` is everything, and `pods@` are the pods of all namespaces. */
  readonly refused = new Set<string>();
  /** How often entries were asked for. */
  asked = 0;
  /** Called before each line is given out. */
  onLine: (revision: number) => void = () => undefined;

  add(
    of: ResourceInfo,
    name: string,
    verb: Verb,
    state: object = {},
    changes: Partial<HistoryEntry> = {},
  ): HistoryEntry {
    const before = this.all.findLast((e) => e.resource === of.resource && e.name === name);
    this.head++;
    const entry: HistoryEntry = {
      revision: this.head,
      at: new Date(this.head * 1000).toISOString(),
      verb,
      group: of.group,
      version: of.version,
      resource: of.resource,
      namespace: 'default',
      name,
      previous: verb === 'create' ? 0 : (before?.revision ?? 0),
      actor: 'jane',
      agent: 'cli/1',
      manager: 'hand',
      request: `r-${String(this.head)}`,
      ...changes,
      object: {
        apiVersion: of.group === '' ? 'v1' : `${of.group}/v1`,
        kind: of.kind,
        ...state,
        metadata: { name, namespace: 'default', resourceVersion: String(this.head) },
      },
    };
    this.all.push(entry);
    return entry;
  }

  /** As the log does: of each key the newest at the floor stays, unless it is a delete. */
  compact(of: ResourceInfo, floor: number): void {
    const base = new Map<string, HistoryEntry>();
    for (const e of this.all) if (e.resource === of.resource && e.revision <= floor) base.set(e.name, e);
    this.all = this.all.filter(
      (e) => e.resource !== of.resource || e.revision > floor || (base.get(e.name) === e && e.verb !== 'delete'),
    );
    this.floors = [...this.floors.filter(({ prefix }) => prefix !== prefixOf(of)), { prefix: prefixOf(of), floor }];
  }

  resources(): Promise<readonly ResourceInfo[]> {
    return Promise.resolve([pods, secrets, leases]);
  }

  async position(scope?: HistoryScope): Promise<{ id: string; head: number; floors: readonly Floor[] }> {
    this.demand(scope);
    return { id: 'log-1', head: this.head, floors: this.floors };
  }

  async revisionAt(timeMs: number): Promise<number> {
    return this.all.findLast((e) => Date.parse(e.at) <= timeMs)?.revision ?? 0;
  }

  entries(request: HistoryRequest): AsyncIterable<HistoryEntry> {
    return parsedEntries(this.lines(request));
  }

  async *lines(request: HistoryRequest): AsyncGenerator<Buffer> {
    this.asked++;
    const { scope, after = 0, to = this.head, limit = Infinity } = request;
    this.demand(scope);
    if (scope !== undefined && request.after !== undefined && request.gaps !== true)
      if (after < floorOf({ floors: this.floors }, scope.resource)) throw statusErrors.expired('too old');
    let count = 0;
    for (let next = after + 1; next <= to && count < limit; next++) {
      const entry = this.all.find((e) => e.revision === next);
      if (entry === undefined) continue;
      if (scope !== undefined && entry.resource !== scope.resource.resource) continue;
      if (scope !== undefined && scope.namespace !== '' && entry.namespace !== scope.namespace) continue;
      if (scope !== undefined && scope.name !== '' && entry.name !== scope.name) continue;
      if (request.actor !== undefined && entry.actor !== request.actor) continue;
      this.onLine(next);
      count++;
      const { object, ...head } = entry;
      yield Buffer.from(JSON.stringify({ ...head, object }));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private demand(scope: HistoryScope | undefined): void {
    const name = scope?.resource.resource ?? '*';
    const isAcross = scope !== undefined && scope.namespace === '';
    if (this.refused.has(name) || (isAcross && this.refused.has(`${name}@`)))
      throw statusErrors.forbidden({ group: '', resource: name }, '', 'not you');
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
