import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ConformanceCluster, podSpec, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const namespaces = '/api/v1/namespaces';

/** Deletes the namespace, and makes it again when it has gone. */
async function deletedAndMadeAgain(name: string): Promise<void> {
  await cluster.delete(`${namespaces}/${name}`);
  await cluster.gone(`${namespaces}/${name}`);
  await cluster.create(namespaces, { metadata: { name } });
}

describe('[sig-api-machinery] Namespaces [Serial]', () => {
  it('should ensure that all pods are removed when a namespace is deleted', async () => {
    const name = await cluster.namespace('nsdeletetest');
    const path = `${namespaces}/${name}/pods/test-pod`;
    await cluster.create(`${namespaces}/${name}/pods`, { metadata: { name: 'test-pod' }, spec: podSpec() });
    await eventually(async () => {
      expect((await cluster.get(path)).status).toMatchObject({ phase: 'Running' });
    });
    await deletedAndMadeAgain(name);
    await cluster.gone(path);
  });

  it('should ensure that all services are removed when a namespace is deleted', async () => {
    const name = await cluster.namespace('nsdeletetest');
    await cluster.create(`${namespaces}/${name}/services`, {
      metadata: { name: 'test-service' },
      spec: { selector: { foo: 'bar', baz: 'blah' }, ports: [{ port: 80, targetPort: 80 }] },
    });
    await deletedAndMadeAgain(name);
    await cluster.gone(`${namespaces}/${name}/services/test-service`);
  });

  it('should patch a Namespace', async () => {
    const name = await cluster.namespace('nspatchtest');
    await cluster.patch(
      `${namespaces}/${name}`,
      { metadata: { labels: { testLabel: 'testValue' } } },
      'strategic-merge-patch',
    );
    expect((await cluster.get(`${namespaces}/${name}`)).metadata.labels).toMatchObject({ testLabel: 'testValue' });
  });

  it('should apply changes to a namespace status', async () => {
    const path = `${namespaces}/${await cluster.namespace('nsstatus')}`;
    expect((await cluster.get(`${path}/status`)).status).toEqual({ phase: 'Active' });
    const condition = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' };
    const patched = await cluster.patch(`${path}/status`, {
      metadata: { annotations: { 'e2e-patched-ns-status': 'true' } },
      status: { conditions: [condition] },
    });
    expect(patched.metadata.annotations).toMatchObject({ 'e2e-patched-ns-status': 'true' });
    expect(patched.status?.['conditions']).toEqual([expect.objectContaining(condition)]);
    const further = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by an e2e test' };
    const updated = await cluster.change(
      path,
      (current) => ({ ...current, status: { ...current.status, conditions: [condition, further] } }),
      `${path}/status`,
    );
    expect(updated.status?.['conditions']).toEqual(
      [condition, further].map((one) => expect.objectContaining(one) as unknown),
    );
  });

  it('should apply an update to a Namespace', async () => {
    const name = await cluster.namespace('nsupdate');
    const path = `${namespaces}/${name}`;
    await cluster.change(path, (current) => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, [name]: 'updated' } },
    }));
    expect((await cluster.get(path)).metadata.labels).toMatchObject({
      [name]: 'updated',
      'kubernetes.io/metadata.name': name,
    });
  });

  it('should apply a finalizer to a Namespace', async () => {
    const path = `${namespaces}/${await cluster.namespace('nsfinalizer')}`;
    const fake = 'e2e.example.com/fake-finalizer';
    const finalize = async (finalizers: readonly string[]): Promise<unknown> => {
      const answered = await cluster.change(
        path,
        (current) => ({ ...current, spec: { finalizers } }),
        `${path}/finalize`,
      );
      return answered.spec?.['finalizers'];
    };
    expect(await finalize(['kubernetes', fake])).toEqual(['kubernetes', fake]);
    expect((await cluster.get(path)).spec).toEqual({ finalizers: ['kubernetes', fake] });
    expect(await finalize(['kubernetes'])).toEqual(['kubernetes']);
    expect((await cluster.get(path)).spec).toEqual({ finalizers: ['kubernetes'] });
  });
});

describe('[sig-api-machinery] OrderedNamespaceDeletion', () => {
  it('namespace deletion should delete pod first', async () => {
    const name = await cluster.namespace('nsorder');
    const path = `${namespaces}/${name}`;
    await cluster.create(`${path}/pods`, {
      metadata: { name: 'test-pod', finalizers: ['e2e.example.com/finalizer'] },
      spec: podSpec(),
    });
    await cluster.create(`${path}/configmaps`, { metadata: { name: 'test-configmap' } });
    await cluster.delete(path);
    await eventually(async () => {
      expect((await cluster.get(`${path}/pods/test-pod`)).metadata.deletionTimestamp).toBeDefined();
      const { status } = await cluster.get(path);
      expect(status).toMatchObject({
        phase: 'Terminating',
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'NamespaceFinalizersRemaining', status: 'True' }),
        ]) as unknown,
      });
    });
    expect((await cluster.get(`${path}/configmaps/test-configmap`)).metadata.deletionTimestamp).toBeUndefined();
    await cluster.patch(`${path}/pods/test-pod`, { metadata: { finalizers: null } });
    await cluster.gone(path);
  });
});
