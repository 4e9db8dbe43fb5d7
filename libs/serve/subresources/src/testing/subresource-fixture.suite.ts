import { createKindRegistry } from '@reckon/api/kinds';
import { type KubeObject, StatusError, apiVersionOf } from '@reckon/api/machinery';
import { type FakeClock, seededRandom } from '@reckon/kernel';
import {
  type AdmissionFunctions,
  type RequestContext,
  type ResourceStore,
  createResourceStore,
} from '@reckon/registry/generic';
import { createStrategies, defaultServiceClusterIpRange, defaultServiceNodePorts } from '@reckon/registry/kinds';
import type { SubresourceCall, SubresourceHandler } from '@reckon/serve/http';
import { memoryLog } from '@reckon/store/log';
import type { OpenStorage } from '@reckon/store/storage';
import { storageOver } from '@reckon/store/storage/suites';

export interface SubresourceFixture {
  readonly clock: FakeClock;
  readonly storage: OpenStorage;
  readonly pods: ResourceStore;
  readonly deployments: ResourceStore;
  readonly budgets: ResourceStore;
  readonly ctx: RequestContext;
  /** Creates it by the rules of its kind. */
  create(store: ResourceStore, object: object): Promise<KubeObject>;
  get(store: ResourceStore, name: string): Promise<KubeObject>;
  /** Calls a handler as the http plane does; a refusal is answered as its Status. */
  call(
    handler: SubresourceHandler,
    store: ResourceStore,
    call: Partial<SubresourceCall>,
  ): Promise<{ code: number; object: KubeObject }>;
  close(): Promise<void>;
}

const noAdmission: AdmissionFunctions = { mutate: () => undefined, validate: () => undefined };

/** Real stores with the real strategies over a log in memory. */
export async function openSubresources(): Promise<SubresourceFixture> {
  const log = memoryLog();
  const { storage, clock } = await storageOver(log);
  const kinds = createKindRegistry();
  const random = seededRandom(7);
  const strategies = createStrategies({
    serviceClusterIpRange: defaultServiceClusterIpRange,
    serviceNodePorts: defaultServiceNodePorts,
    random,
  });
  const handled = { recordsManagers: false };
  const store = (group: string, resource: string): ResourceStore => {
    const row = kinds.resource(group, 'v1', resource);
    const kind = strategies.of(group, resource);
    if (row === undefined || kind === undefined) throw new Error(`no resource ${resource}`);
    return createResourceStore({
      row,
      kinds,
      storage,
      random,
      strategy: kind.strategy,
      subresources: { scale: kind.strategy, binding: handled, eviction: handled, ...kind.subresources },
    });
  };
  const ctx: RequestContext = {
    user: { name: 'tester', groups: [] },
    userAgent: 'test/1',
    requestId: 'r1',
    fieldManager: 'test',
    nowMs: clock.nowMs(),
    signal: new AbortController().signal,
    warn: () => undefined,
  };
  const get = async (of: ResourceStore, name: string): Promise<KubeObject> =>
    (await of.get('default', name, { resourceVersion: '' })).parse();
  return {
    clock,
    storage,
    pods: store('', 'pods'),
    deployments: store('apps', 'deployments'),
    budgets: store('policy', 'poddisruptionbudgets'),
    ctx,
    get,
    async create(of, object) {
      const body = structuredClone(object) as KubeObject;
      const options = { dryRun: false, admission: noAdmission, apiVersion: apiVersionOf(of.row) };
      await of.create(ctx, 'default', body, options);
      return get(of, body.metadata.name ?? '');
    },
    async call(handler, of, given) {
      const call: SubresourceCall = {
        ctx,
        row: of.row,
        subresource: '',
        namespace: 'default',
        name: '',
        verb: 'create',
        object: undefined,
        patch: undefined,
        options: { dryRun: false, admission: noAdmission, apiVersion: apiVersionOf(of.row) },
        ...given,
      };
      try {
        const { code, object } = await handler(call);
        return { code, object: object as KubeObject };
      } catch (error) {
        if (error instanceof StatusError)
          return { code: error.status.code, object: error.status as unknown as KubeObject };
        throw error;
      }
    },
    async close() {
      await storage.stop();
      await log.close();
    },
  };
}

export const pod = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec },
});

export const deployment = (name: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
  },
});
