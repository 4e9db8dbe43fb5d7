import type { flowcontrolv1 } from '@reckon/api/types';
import { type FakeClock, MetricsRegistry, fakeClock } from '@reckon/kernel';
import type { Storage, StoredObject, WatchEvent } from '@reckon/store/contract';
import { FlowControl } from '../flow-control';
import type { FlowRequest } from '../flow-request';

type Level = flowcontrolv1.PriorityLevelConfiguration;
type Schema = flowcontrolv1.FlowSchema;

export interface FlowFixture {
  readonly clock: FakeClock;
  readonly flows: FlowControl;
  readonly metrics: MetricsRegistry;
  put(object: Level | Schema): void;
  remove(kind: 'level' | 'schema', name: string): void;
  /** Objects of every resource, and the size of one. */
  counts: number;
  objectBytes: number;
  settled(): Promise<void>;
}

/** Flow control over objects that a test puts, with a clock that stands still. */
export function flowFixture(
  options: { readonly serverSeats?: number; readonly waitLimitMs?: number } = {},
): FlowFixture {
  const clock = fakeClock();
  const listeners = new Map<string, (event: WatchEvent) => void>();
  const metrics = new MetricsRegistry();
  const storage: Pick<Storage, 'observe' | 'count' | 'newestOf'> = {
    observe(resource, listener) {
      listeners.set(resource.resource, listener);
      return () => listeners.delete(resource.resource);
    },
    count: () => fixture.counts,
    newestOf: () => (fixture.counts === 0 ? [] : [{ bytes: Buffer.alloc(fixture.objectBytes) } as StoredObject]),
  };
  const flows = new FlowControl({
    storage,
    mandatory,
    serverSeats: options.serverSeats ?? 10,
    waitLimitMs: options.waitLimitMs ?? 15_000,
    clock,
    monotonic: clock,
    timers: clock,
    metrics,
  }).start();
  const tell = (type: WatchEvent['type'], resource: string, name: string, parsed: object): void => {
    const object = {
      key: { group: '', resource, namespace: '', name },
      parse: () => parsed,
    } as unknown as StoredObject;
    listeners.get(resource)?.({ type, object } as WatchEvent);
  };
  const fixture: FlowFixture = {
    clock,
    flows,
    metrics,
    counts: 0,
    objectBytes: 1000,
    put(object) {
      const resource = object.kind === 'FlowSchema' ? 'flowschemas' : 'prioritylevelconfigurations';
      tell('MODIFIED', resource, object.metadata.name ?? '', object);
    },
    remove(kind, name) {
      tell('DELETED', kind === 'schema' ? 'flowschemas' : 'prioritylevelconfigurations', name, {});
    },
    settled: () => clock.advance(0),
  };
  return fixture;
}

export const queued = (
  name: string,
  shares: number,
  queuing: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number } | undefined,
  more: Partial<flowcontrolv1.LimitedPriorityLevelConfiguration> = {},
): Level => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name, uid: `${name}-level` },
  spec: {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent: 0,
      borrowingLimitPercent: 0,
      limitResponse: queuing === undefined ? { type: 'Reject' } : { type: 'Queue', queuing },
      ...more,
    },
  },
});

export const schema = (
  name: string,
  level: string,
  rule: flowcontrolv1.PolicyRulesWithSubjects,
  more: Partial<flowcontrolv1.FlowSchemaSpec> = {},
): Schema => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name, uid: `${name}-schema` },
  spec: {
    matchingPrecedence: 500,
    priorityLevelConfiguration: { name: level },
    distinguisherMethod: { type: 'ByUser' },
    rules: [rule],
    ...more,
  },
});

export const everythingOf = (...subjects: flowcontrolv1.Subject[]): flowcontrolv1.PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

export const user = (name: string): flowcontrolv1.Subject => ({ kind: 'User', user: { name } });
export const groupOf = (name: string): flowcontrolv1.Subject => ({ kind: 'Group', group: { name } });

export const ask = (
  name: string,
  info: Partial<FlowRequest['info']> = {},
  groups: readonly string[] = ['system:authenticated'],
): FlowRequest => ({
  user: { name, groups: [...groups] },
  info: {
    isResource: true,
    path: '/api/v1/namespaces/default/configmaps',
    query: '',
    verb: 'get',
    group: '',
    version: 'v1',
    namespace: 'default',
    resource: 'configmaps',
    subresource: '',
    name: 'a',
    ...info,
  },
});

const mandatory: ConstructorParameters<typeof FlowControl>[0]['mandatory'] = {
  levels: [
    {
      kind: 'PriorityLevelConfiguration',
      metadata: { name: 'exempt' },
      spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
    },
    queued('catch-all', 5, undefined),
  ],
  schemas: [
    schema('exempt', 'exempt', everythingOf(groupOf('system:masters')), { matchingPrecedence: 1 }),
    schema('catch-all', 'catch-all', everythingOf(groupOf('system:authenticated')), { matchingPrecedence: 10_000 }),
  ],
};
