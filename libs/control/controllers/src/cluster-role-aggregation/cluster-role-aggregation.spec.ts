import type { KubeObject, ObjectMeta } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { clusterRoleAggregation } from './cluster-role-aggregation';

let harness: ClientHarness;
afterEach(() => harness.stop());

const rule = (resource: string): object => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (metadata: ObjectMeta, ...resources: string[]): KubeObject =>
  harness.api.store.put(refs.clusterRoles, { metadata, rules: resources.map(rule) });
const rulesOf = (name: string): unknown => harness.api.store.get(refs.clusterRoles, '', name)['rules'];
const toView = { labels: { 'to-view': 'true' } };
const putAggregate = (...labels: string[]): void => {
  harness.api.store.put(refs.clusterRoles, {
    metadata: { name: 'view' },
    aggregationRule: { clusterRoleSelectors: labels.map((label) => ({ matchLabels: { [label]: 'true' } })) },
    rules: [],
  });
};
const start = async (): Promise<void> => {
  harness = await startControllersForTest([clusterRoleAggregation]);
};

describe('the aggregation of ClusterRoles', () => {
  it('joins the rules of the selected roles by name, each rule once', async () => {
    await start();
    role({ name: 'b', ...toView }, 'pods', 'secrets');
    role({ name: 'a', ...toView }, 'pods');
    role({ name: 'other' }, 'nodes');
    putAggregate('to-view');
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('pods'), rule('secrets')]);
    });
  });

  it('takes selector after selector', async () => {
    await start();
    role({ name: 'a', labels: { 'to-edit': 'true' } }, 'secrets');
    role({ name: 'z', ...toView }, 'pods');
    putAggregate('to-view', 'to-edit');
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('pods'), rule('secrets')]);
    });
  });

  it('follows roles that come, change and go, and undoes what others write', async () => {
    await start();
    putAggregate('to-view');
    role({ name: 'a', ...toView }, 'pods');
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('pods')]);
    });
    role({ name: 'a', ...toView }, 'services');
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('services')]);
    });
    harness.api.store.put(refs.clusterRoles, {
      ...harness.api.store.get(refs.clusterRoles, '', 'view'),
      rules: [rule('nodes')],
    });
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('services')]);
    });
    harness.api.store.delete(refs.clusterRoles, '', 'a');
    await eventually(() => {
      expect(rulesOf('view')).toEqual([]);
    });
  });

  it('never aggregates a role into itself, nor touches one without an aggregation rule', async () => {
    await start();
    role({ name: 'plain', ...toView }, 'pods');
    harness.api.store.put(refs.clusterRoles, {
      metadata: { name: 'view', ...toView },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: toView.labels }] },
      rules: [rule('nodes')],
    });
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('pods')]);
    });
    expect(rulesOf('plain')).toEqual([rule('pods')]);
  });

  it('writes by apply alone where the server has it', async () => {
    await start();
    role({ name: 'a', ...toView }, 'pods');
    putAggregate('to-view');
    await eventually(() => {
      expect(rulesOf('view')).toEqual([rule('pods')]);
    });
    const writes = harness.api.requests.filter((r) => r.path.endsWith('/clusterroles/view') && r.method !== 'GET');
    expect(writes.map((r) => r.method)).toEqual(['PATCH']);
  });
});
