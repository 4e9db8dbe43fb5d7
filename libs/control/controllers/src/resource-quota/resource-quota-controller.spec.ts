import type { KubeObject } from '@reckon/api/machinery';
import { type ResourceRef, refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { resourceQuotaController } from './resource-quota-controller';
import type { Quota } from './quota-status';

const namespace = 'team';
let harness: ClientHarness;
beforeEach(async () => {
  harness = await startControllersForTest([resourceQuotaController]);
});
afterEach(() => harness.stop());

const store = (): ClientHarness['api']['store'] => harness.api.store;
const quota = (name: string, hard: Record<string, string>, more: object = {}): void => {
  store().create(refs.resourceQuotas, namespace, { metadata: { name }, spec: { hard, ...more } });
};
const status = (name: string): Quota['status'] =>
  (store().find(refs.resourceQuotas, namespace, name) as Quota | undefined)?.status;
const uses = (name: string, used: Record<string, string>): Promise<void> =>
  eventually(() => {
    expect(status(name)?.used).toEqual(used);
  });
const put = (ref: ResourceRef, object: object): void => {
  store().put(ref, object as KubeObject);
};
const pod = (name: string, cpu: string, more: object = {}, ns = namespace): void => {
  put(refs.pods, {
    metadata: { namespace: ns, name },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu } } }] },
    status: { phase: 'Running' },
    ...more,
  });
};
const widgets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

describe('the resource quota controller', () => {
  it('says what is limited and what is used, sorted by name', async () => {
    pod('a', '100m');
    pod('elsewhere', '1', {}, 'other');
    put(refs.configMaps, { metadata: { namespace, name: 'one' } });
    quota('rq', { pods: '50', 'requests.cpu': '20', 'count/configmaps': '50', 'count/deployments.apps': '1' });
    await uses('rq', { 'count/configmaps': '1', 'count/deployments.apps': '0', pods: '1', 'requests.cpu': '100m' });
    expect(status('rq')?.hard).toEqual({
      pods: '50',
      'requests.cpu': '20',
      'count/configmaps': '50',
      'count/deployments.apps': '1',
    });
    expect(Object.keys(status('rq')?.used ?? {})).toEqual([
      'count/configmaps',
      'count/deployments.apps',
      'pods',
      'requests.cpu',
    ]);
  });

  it('follows what comes, changes and goes', async () => {
    quota('rq', { pods: '5', 'limits.cpu': '1', 'services.nodeports': '3', secrets: '2', 'requests.storage': '1Ti' });
    const none = { pods: '0', 'limits.cpu': '0', 'services.nodeports': '0', secrets: '0', 'requests.storage': '0' };
    await uses('rq', none);
    pod('a', '1');
    put(refs.services, { metadata: { namespace, name: 's' }, spec: { type: 'NodePort', ports: [{ port: 1 }] } });
    put(refs.secrets, { metadata: { namespace, name: 's' } });
    put(refs.persistentVolumeClaims, {
      metadata: { namespace, name: 'c' },
      spec: { resources: { requests: { storage: '2Gi' } } },
    });
    await uses('rq', { ...none, pods: '1', 'services.nodeports': '1', secrets: '1', 'requests.storage': '2Gi' });
    pod('a', '1', { status: { phase: 'Succeeded' } });
    store().delete(refs.secrets, namespace, 's');
    put(refs.services, { metadata: { namespace, name: 's' }, spec: { type: 'ClusterIP', ports: [{ port: 1 }] } });
    await uses('rq', { ...none, 'requests.storage': '2Gi' });
  });

  it('counts what is in scope', async () => {
    quota('ends', { pods: '5' }, { scopes: ['Terminating'] });
    quota(
      'high',
      { pods: '5' },
      {
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
      },
    );
    pod('a', '1');
    pod('b', '1', { spec: { containers: [], priorityClassName: 'high', activeDeadlineSeconds: 9 } });
    await uses('ends', { pods: '1' });
    await uses('high', { pods: '1' });
    pod('a', '1', { spec: { containers: [], activeDeadlineSeconds: 9 } });
    await uses('ends', { pods: '2' });
  });

  it('follows the limits when they change', async () => {
    quota('rq', { pods: '5', secrets: '1' });
    await uses('rq', { pods: '0', secrets: '0' });
    const now = store().get(refs.resourceQuotas, namespace, 'rq');
    store().update(refs.resourceQuotas, namespace, { ...now, spec: { hard: { pods: '7', 'count/pods': '9' } } });
    await uses('rq', { 'count/pods': '0', pods: '0' });
    expect(status('rq')?.hard).toEqual({ pods: '7', 'count/pods': '9' });
  });

  it('counts kinds that nobody knew before', async () => {
    harness.api.serve(widgets);
    put(widgets, { metadata: { namespace, name: 'w' } });
    quota('rq', { 'count/widgets.example.com': '3' });
    await uses('rq', { 'count/widgets.example.com': '1' });
    put(widgets, { metadata: { namespace, name: 'v' } });
    await uses('rq', { 'count/widgets.example.com': '2' });
  });

  it('does not say how much is used of what nobody counts', async () => {
    quota('rq', { 'count/widgets.example.com': '3', 'count/events': '1', pods: '1' });
    await uses('rq', { pods: '0' });
  });

  it('watches no kind that no quota names', async () => {
    quota('rq', { 'count/configmaps': '3' });
    await uses('rq', { 'count/configmaps': '0' });
    const listed = new Set(harness.api.requests.map(({ path }) => path));
    expect(listed).toContain('/api/v1/configmaps');
    expect(listed).not.toContain('/api/v1/secrets');
    expect(listed).not.toContain('/api/v1/pods');
  });

  it('writes only what is new', async () => {
    quota('rq', { pods: '5' });
    await uses('rq', { pods: '0' });
    const writes = (): number => harness.api.requests.filter(({ method }) => method === 'PUT').length;
    const before = writes();
    put(refs.pods, { metadata: { namespace, name: 'a' }, spec: { containers: [] }, status: { phase: 'Failed' } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(writes()).toBe(before);
  });
});
