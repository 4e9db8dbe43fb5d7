import { createKindRegistry } from '@reckon/api/kinds';
import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { seededRandom } from '@reckon/kernel';
import { type ResourceStore, type WriteOptions, createResourceStore } from '@reckon/registry/generic';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAdmission } from '../../create-admission';
import type { Operation } from '../../plugin';
import { ctx, rowOf } from '../../testing/admission-fixture.suite';

const namespace = 'team';
const resourceQuotas = { group: '', resource: 'resourcequotas' };
const random = seededRandom(7);
const kinds = createKindRegistry();

let memory: MemoryStorage;
beforeEach(async () => {
  memory = await memoryStorage();
});

interface Asked {
  readonly dryRun?: boolean;
  readonly subresource?: string;
}

/** Stores of a server on which nothing but quotas is checked. */
function stores(content?: object) {
  const { chain } = createAdmission({
    storage: memory.storage,
    random,
    timers: memory.clock,
    kinds,
    disable: ['NamespaceLifecycle', 'ServiceAccount', 'LimitRanger', 'Priority', 'TaintNodesByCondition'],
    ...(content === undefined ? {} : { configurations: { ResourceQuota: { content, file: 'quota.yaml' } } }),
  });
  const made = new Map<string, ResourceStore>();
  const of = (resource: string, group = '', version = 'v1'): ResourceStore => {
    const row = rowOf(group, version, resource);
    const store =
      made.get(resource) ??
      createResourceStore({
        row,
        kinds,
        storage: memory.storage,
        strategy: {},
        subresources: { status: {}, resize: {} },
        random,
      });
    made.set(resource, store);
    return store;
  };
  const options = (
    store: ResourceStore,
    operation: Operation,
    { dryRun = false, subresource = '' }: Asked,
  ): WriteOptions => {
    const attributes = (object: KubeObject | undefined, oldObject: KubeObject | undefined) => ({
      ctx,
      operation,
      row: store.row,
      subresource,
      namespace,
      name: object?.metadata.name ?? '',
      object,
      oldObject,
      dryRun,
      options: {},
    });
    return {
      dryRun,
      apiVersion: 'v1',
      admission: {
        mutate: (object, old) => chain.admit(attributes(object, old)),
        validate: (object, old) => chain.validate(attributes(object, old)),
        companions: (object, old) => chain.companions?.(attributes(object, old)) ?? [],
      },
    };
  };
  const text = (error: unknown): string => {
    if (!(error instanceof StatusError)) throw error;
    return `${error.status.code} ${error.message}`;
  };
  return {
    of,
    create: (object: object, store = of('pods'), asked: Asked = {}): Promise<string> =>
      store
        .create(ctx, namespace, structuredClone(object) as KubeObject, options(store, 'CREATE', asked))
        .then(() => 'made', text),
    update: (name: string, change: (object: Record<string, never>) => void, store = of('pods'), asked: Asked = {}) =>
      store
        .update(
          ctx,
          namespace,
          name,
          asked.subresource ?? '',
          {
            operation: 'Update',
            mayCreate: false,
            next: (current) => {
              change(current as unknown as Record<string, never>);
              return current as KubeObject;
            },
          },
          options(store, 'UPDATE', asked),
        )
        .then(() => 'changed', text),
  };
}

const quota = (name: string, hard: Record<string, string>, spec: object = {}, used?: object): Promise<void> =>
  memory.put(resourceQuotas, {
    metadata: { namespace, name },
    spec: { hard, ...spec },
    status: { hard, used: used ?? Object.fromEntries(Object.keys(hard).map((key) => [key, '0'])) },
  });
const usedOf = (name: string): unknown =>
  (memory.storage.newest({ ...resourceQuotas, namespace, name })?.parse() as { status?: { used?: unknown } }).status
    ?.used;
const pod = (name: string, resources: object = {}, spec: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', resources }], ...spec },
});
const cpu = (requests: string): object => ({ requests: { cpu: requests } });
const refused = (why: string, name = 'b', resource = 'pods'): string =>
  `403 ${resource} "${name}" is forbidden: ${why}`;

describe('the ResourceQuota plugin', () => {
  it('counts an object in the append of the object', async () => {
    await quota('q', { pods: '2', 'requests.cpu': '1', secrets: '5' });
    const before = memory.storage.revision;
    expect(await stores().create(pod('a', cpu('300m')))).toBe('made');
    expect(usedOf('q')).toEqual({ pods: '1', 'requests.cpu': '300m', secrets: '0' });
    expect(memory.storage.revision - before).toBe(2);
  });

  it('writes down that the server has counted, and takes nothing from whoever counted before', async () => {
    const { create, of } = stores();
    await quota('q', { pods: '9', secrets: '5' });
    const at = { ...resourceQuotas, namespace, name: 'q' };
    const entry = (manager: string, fields: object) => ({
      manager,
      operation: 'Update',
      apiVersion: 'v1',
      time: '1970-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': { 'f:used': fields } },
      subresource: 'status',
    });
    const controller = (fields: object): object => entry('kube-controller-manager', fields);
    const counted = memory.storage.newest(at)?.parse();
    const managedFields = [controller({ '.': {}, 'f:pods': {}, 'f:secrets': {} })];
    await memory.put(resourceQuotas, { ...counted, metadata: { ...counted?.metadata, managedFields } });
    expect(await create(pod('a'))).toBe('made');
    expect(await create({ metadata: { name: 's' } }, of('secrets'))).toBe('made');
    expect(await create(pod('b'))).toBe('made');
    expect((memory.storage.newest(at)?.parse() as KubeObject).metadata.managedFields).toEqual([
      entry('kube-apiserver', { 'f:pods': {}, 'f:secrets': {} }),
      controller({}),
    ]);
  });

  it('refuses what is more than is left, and says all of it', async () => {
    const { create } = stores();
    await quota('q', { pods: '1', 'requests.cpu': '1', memory: '1Gi' });
    const requests = { cpu: '700m', memory: '1Mi' };
    expect(await create(pod('a', { requests }))).toBe('made');
    expect(await create(pod('b', { requests }))).toBe(
      refused(
        'exceeded quota: q, requested: pods=1,requests.cpu=700m, used: pods=1,requests.cpu=700m, limited: pods=1,requests.cpu=1',
      ),
    );
    expect(usedOf('q')).toEqual({ pods: '1', 'requests.cpu': '700m', memory: '1Mi' });
  });

  it('never lets through more than there is, however many ask at once', async () => {
    const { create } = stores();
    await quota('q', { pods: '7', 'requests.cpu': '5' });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => create(pod(`p${String(i)}`, cpu('500m')))));
    expect(answers.filter((answer) => answer === 'made')).toHaveLength(7);
    expect(usedOf('q')).toEqual({ pods: '7', 'requests.cpu': '3500m' });
    expect([...memory.storage.newestOf({ group: '', resource: 'pods' }, namespace)]).toHaveLength(7);
  });

  it('takes nothing for what is not made', async () => {
    const { create } = stores();
    await quota('q', { pods: '9' });
    expect(await create(pod('a'))).toBe('made');
    expect(await create(pod('a'))).toBe('409 pods "a" already exists');
    expect(await create(pod('b'), undefined, { dryRun: true })).toBe('made');
    expect(usedOf('q')).toEqual({ pods: '1' });
  });

  it('checks a dry run too', async () => {
    await quota('q', { pods: '0' });
    expect(await stores().create(pod('b'), undefined, { dryRun: true })).toMatch(
      /exceeded quota: q, requested: pods=1/,
    );
  });

  it('asks containers for what it counts, by the old names', async () => {
    const { create } = stores();
    await quota('q', { 'limits.cpu': '2', memory: '1Gi', 'limits.ephemeral-storage': '1Gi' });
    const spec = { initContainers: [{ name: 'init', resources: { limits: { cpu: '1' } } }] };
    expect(await create(pod('b', {}, spec))).toBe(
      refused('failed quota: q: must specify limits.cpu for: main; memory for: init,main'),
    );
    expect(await create(pod('a', {}, { ...spec, resources: { limits: { cpu: '1' } } }))).toBe('made');
  });

  it('does not guess while nobody has counted', async () => {
    await quota('q', { pods: '5', 'count/pods': '5', secrets: '1' }, {}, { secrets: '0' });
    expect(await stores().create(pod('b'))).toBe(refused('status unknown for quota: q, resources: count/pods,pods'));
    expect(await stores().create({ metadata: { name: 's' } }, stores().of('secrets'))).toBe('made');
  });

  it('goes by what is said in the status, not by what is wished for', async () => {
    await memory.put(resourceQuotas, { metadata: { namespace, name: 'q' }, spec: { hard: { pods: '0' } } });
    expect(await stores().create(pod('a'))).toBe('made');
  });

  it('counts an object of every quota that it is in the scope of', async () => {
    const { create } = stores();
    await quota('all', { pods: '9' });
    await quota('ends', { pods: '9' }, { scopes: ['Terminating', 'NotBestEffort'] });
    await quota('stays', { pods: '9' }, { scopes: ['NotTerminating', 'BestEffort'] });
    const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }];
    await quota('high', { pods: '1' }, { scopeSelector: { matchExpressions } });
    expect(await create(pod('a', cpu('1'), { activeDeadlineSeconds: 9 }))).toBe('made');
    expect(await create(pod('c', {}, { priorityClassName: 'high' }))).toBe('made');
    expect(await create(pod('b', {}, { priorityClassName: 'high' }))).toBe(
      refused('exceeded quota: high, requested: pods=1, used: pods=1, limited: pods=1'),
    );
    expect(['all', 'ends', 'stays', 'high'].map(usedOf)).toEqual([
      { pods: '2' },
      { pods: '1' },
      { pods: '1' },
      { pods: '1' },
    ]);
  });

  it('counts kinds by number, whatever they are', async () => {
    const { create, of } = stores();
    await quota('q', { 'count/deployments.apps': '1', configmaps: '1', 'count/configmaps': '2', resourcequotas: '1' });
    const deployments = of('deployments', 'apps');
    expect(await create({ metadata: { name: 'a' } }, deployments)).toBe('made');
    expect(await create({ metadata: { name: 'b' } }, deployments)).toBe(
      '403 deployments.apps "b" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
    );
    expect(await create({ metadata: { generateName: 'b-' } }, of('configmaps'))).toBe('made');
    expect(await create({ metadata: { generateName: 'b-' } }, of('configmaps'))).toMatch(
      /^403 configmaps "b-[^"]*" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1$/,
    );
    expect(await create({ metadata: { name: 'more' }, spec: { hard: {} } }, of('resourcequotas'))).toBe('made');
    expect(await create({ metadata: { name: 'e' } }, of('events'))).toBe('made');
  });

  it('counts what an update adds, and leaves to the controller what it takes away', async () => {
    const { create, update, of } = stores();
    await quota('q', { services: '3', 'services.nodeports': '2', 'services.loadbalancers': '0' });
    const services = of('services');
    const type =
      (to: string, ports = 1) =>
      (object: Record<string, unknown>) => {
        object['spec'] = { type: to, ports: Array.from({ length: ports }, (_, i) => ({ port: i + 1 })) };
      };
    expect(await create({ metadata: { name: 's' }, spec: { type: 'ClusterIP', ports: [{ port: 1 }] } }, services)).toBe(
      'made',
    );
    expect(await update('s', type('NodePort'), services)).toBe('changed');
    expect(await update('s', type('NodePort', 3), services)).toBe(
      refused(
        'exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=2',
        's',
        'services',
      ),
    );
    expect(await update('s', type('LoadBalancer'), services)).toMatch(/requested: services.loadbalancers=1, used/);
    expect(await update('s', type('ClusterIP'), services)).toBe('changed');
    expect(usedOf('q')).toEqual({ services: '1', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  });

  it('counts claims that grow, by class too', async () => {
    const { create, update, of } = stores();
    const gold = 'gold.storageclass.storage.k8s.io/requests.storage';
    await quota('q', { 'requests.storage': '10Gi', [gold]: '3Gi' });
    const claims = of('persistentvolumeclaims');
    const spec = (storage: string) => ({ storageClassName: 'gold', resources: { requests: { storage } } });
    expect(await create({ metadata: { name: 'c' }, spec: spec('1Gi') }, claims)).toBe('made');
    const grow = (storage: string) => (object: Record<string, unknown>) => {
      object['spec'] = spec(storage);
    };
    expect(usedOf('q')).toEqual({ 'requests.storage': '1Gi', [gold]: '1Gi' });
    expect(await create({ metadata: { name: 'd' }, spec: spec('4Gi') }, claims)).toMatch(
      /exceeded quota: q, requested: gold/,
    );
    expect(await update('c', grow('5Gi'), claims)).toMatch(/forbidden/);
    expect(usedOf('q')).toEqual({ 'requests.storage': '1Gi', [gold]: '1Gi' });
  });

  it('counts a pod that is resized, and no other change of a pod', async () => {
    const { create, update } = stores();
    await quota('q', { 'requests.cpu': '1' });
    expect(await create(pod('a', cpu('500m')))).toBe('made');
    const to = (requests: string) => (object: Record<string, unknown>) => {
      object['spec'] = (pod('a', cpu(requests)) as { spec: object }).spec;
    };
    expect(await update('a', to('2'), undefined, { subresource: 'resize' })).toBe(
      refused(
        'exceeded quota: q, requested: requests.cpu=1500m, used: requests.cpu=500m, limited: requests.cpu=1',
        'a',
      ),
    );
    expect(await update('a', to('1'), undefined, { subresource: 'resize' })).toBe('changed');
    expect(usedOf('q')).toEqual({ 'requests.cpu': '1' });
    expect(await update('a', (o: Record<string, unknown>) => (o['status'] = { phase: 'Failed' }))).toBe('changed');
  });

  it('lets nobody have what the configuration limits without a quota for it', async () => {
    const scope = { scopeName: 'PriorityClass', operator: 'In', values: ['critical', 'high'] };
    const { create, of } = stores({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'ResourceQuotaConfiguration',
      limitedResources: [
        { resource: 'persistentvolumeclaims', matchContains: ['gold.storageclass.storage.k8s.io/requests.storage'] },
        { resource: 'pods', matchScopes: [scope] },
      ],
    });
    const spec = (storageClassName: string) => ({ storageClassName, resources: { requests: { storage: '1Gi' } } });
    const claims = of('persistentvolumeclaims');
    expect(await create({ metadata: { name: 'free' }, spec: spec('tin') }, claims)).toBe('made');
    expect(await create({ metadata: { name: 'b' }, spec: spec('gold') }, claims)).toBe(
      refused(
        'insufficient quota to consume: gold.storageclass.storage.k8s.io/requests.storage',
        'b',
        'persistentvolumeclaims',
      ),
    );
    expect(await create(pod('a'))).toBe('made');
    const critical = pod('c', {}, { priorityClassName: 'critical' });
    expect(await create(critical)).toBe(
      '500 insufficient quota to match these scopes: [{PriorityClass In [critical high]}]',
    );
    await quota('q', { pods: '1' }, { scopeSelector: { matchExpressions: [scope] } });
    expect(await create(critical)).toBe('made');
  });

  it('refuses a configuration that it does not understand', () => {
    const kind = 'ResourceQuotaConfiguration';
    const apiVersion = 'apiserver.config.k8s.io/v1';
    for (const content of [
      undefined,
      {},
      { kind },
      { kind, apiVersion: 'v1' },
      { kind, apiVersion, limitedResources: [{}] },
      { kind, apiVersion, limited: [] },
    ])
      expect(() => stores(content ?? [])).toThrow(/quota.yaml: admission plugin ResourceQuota: /);
  });
});
