import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceCluster, namesOf, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const names = ['test-event-1', 'test-event-2', 'test-event-3'];
const at = '2017-09-19T13:49:16.000000Z';

/** Three of a set are found by their label, and go together. */
async function expectCollectionDeleted(collection: string, body: (name: string) => object): Promise<void> {
  for (const name of names) await cluster.create(collection, body(name));
  const selected = `${collection}?labelSelector=testevent-set%3Dtrue`;
  expect(namesOf(await cluster.list(selected))).toEqual(names);
  await cluster.delete(selected);
  expect((await cluster.list(selected)).items).toEqual([]);
}

describe('[sig-instrumentation] Events', () => {
  const event = (namespace: string, name: string, label: string): object => ({
    metadata: { name, labels: { [label]: 'true' } },
    message: `This is ${name}`,
    reason: 'Test',
    type: 'Normal',
    count: 1,
    involvedObject: { namespace },
  });

  it('should manage the lifecycle of an event', async () => {
    const namespace = await cluster.namespace('events');
    const collection = `/api/v1/namespaces/${namespace}/events`;
    const path = `${collection}/event-test`;
    const everywhere = '/api/v1/events?labelSelector=testevent-constant%3Dtrue';
    await cluster.create(collection, event(namespace, 'event-test', 'testevent-constant'));
    expect(namesOf(await cluster.list(everywhere))).toEqual(['event-test']);
    await cluster.patch(path, { message: 'This is a test event - patched' }, 'strategic-merge-patch');
    const read = await cluster.get(path);
    expect(read['message']).toBe('This is a test event - patched');
    const series = { count: 100, lastObservedTime: at };
    await cluster.update(path, { ...read, series });
    expect((await cluster.get(path))['series']).toEqual(series);
    await cluster.delete(path);
    expect((await cluster.list(everywhere)).items).toEqual([]);
    await cluster.gone(path);
  });

  it('should delete a collection of events', async () => {
    const namespace = await cluster.namespace('events');
    await expectCollectionDeleted(`/api/v1/namespaces/${namespace}/events`, (name) =>
      event(namespace, name, 'testevent-set'),
    );
  });
});

describe('[sig-instrumentation] Events API', () => {
  const event = (namespace: string, name: string, label: string): object => ({
    metadata: { name, labels: { [label]: 'true' } },
    regarding: { namespace },
    eventTime: at,
    note: `This is ${name}`,
    action: 'Do',
    reason: 'Test',
    type: 'Normal',
    reportingController: 'test-controller',
    reportingInstance: 'test-node',
  });

  it('should ensure that an event can be fetched, patched, deleted, and listed', async () => {
    const namespace = await cluster.namespace('events');
    const collection = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const everywhere = '/apis/events.k8s.io/v1/events?labelSelector=testevent-constant%3Dtrue';
    const path = `${collection}/event-test`;
    await cluster.create(collection, event(namespace, 'event-test', 'testevent-constant'));
    for (const list of [
      everywhere,
      `${collection}?labelSelector=testevent-constant%3Dtrue`,
      `/api/v1/namespaces/${namespace}/events?fieldSelector=source%3Dtest-controller`,
      `${collection}?fieldSelector=reportingController%3Dtest-controller`,
    ])
      expect(namesOf(await cluster.list(list))).toEqual(['event-test']);

    const { metadata, ...before } = await cluster.get(path);
    const patchedSeries = { count: 2, lastObservedTime: '2017-09-19T13:49:11.000000Z' };
    await cluster.patch(path, { series: patchedSeries }, 'strategic-merge-patch');
    const { metadata: patchedMeta, ...patched } = await cluster.get(path);
    expect([patched, patchedMeta.uid]).toEqual([{ ...before, series: patchedSeries }, metadata.uid]);

    const series = { count: 100, lastObservedTime: at };
    // Without a version the write is unconditional.
    const unconditional = { ...metadata, resourceVersion: '' };
    await cluster.update(path, { metadata: unconditional, ...before, series });
    const { metadata: updatedMeta, ...updated } = await cluster.get(path);
    expect([updated, updatedMeta.uid]).toEqual([{ ...before, series }, metadata.uid]);

    await cluster.delete(path);
    expect((await cluster.list(everywhere)).items).toEqual([]);
    expect(namesOf(await cluster.list(collection))).toEqual([]);
  });

  it('should delete a collection of events', async () => {
    const namespace = await cluster.namespace('events');
    await expectCollectionDeleted(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, (name) =>
      event(namespace, name, 'testevent-set'),
    );
  });
});
