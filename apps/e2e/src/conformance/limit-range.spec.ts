import { eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiObject, type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const amounts = (cpu: string, memory: string, storage: string): object => ({
  cpu,
  memory,
  'ephemeral-storage': storage,
});

describe('[sig-scheduling] LimitRange', () => {
  it('should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
    const path = `/api/v1/namespaces/${await cluster.namespace('limitrange')}`;
    const ranges = `${path}/limitranges`;
    const watch = await cluster.watch(`${ranges}?watch=1`);
    const limits = {
      type: 'Container',
      min: amounts('50m', '100Mi', '100Gi'),
      max: amounts('500m', '500Mi', '500Gi'),
      default: amounts('500m', '500Mi', '500Gi'),
      defaultRequest: amounts('100m', '200Mi', '200Gi'),
    };
    const made = await cluster.create(ranges, { metadata: { name: 'limit-range' }, spec: { limits: [limits] } });
    await eventually(() => {
      expect(watch.events.map(({ type }) => type)).toEqual(['ADDED']);
    });
    expect(made.spec).toEqual({ limits: [limits] });
    expect((await cluster.get(`${ranges}/limit-range`)).spec).toEqual(made.spec);

    const pod = async (name: string, resources: object): Promise<unknown> => {
      const containers = [{ name: 'pause', image: 'registry.example/pause:1', resources }];
      const { spec }: ApiObject = await cluster.create(`${path}/pods`, { metadata: { name }, spec: { containers } });
      return (spec?.['containers'] as { resources: unknown }[])[0]?.resources;
    };
    expect(await pod('pod-no-resources', {})).toEqual({ limits: limits.default, requests: limits.defaultRequest });
    const partial = { requests: { memory: '150Mi', 'ephemeral-storage': '150Gi' }, limits: { cpu: '300m' } };
    expect(await pod('pod-partial-resources', partial)).toEqual({
      requests: amounts('300m', '150Mi', '150Gi'),
      limits: amounts('300m', '500Mi', '500Gi'),
    });
    const small = { requests: amounts('10m', '50Mi', '50Gi') };
    const large = { requests: amounts('600m', '600Mi', '600Gi') };
    await expect(pod('too-small', small)).rejects.toThrow(/minimum cpu usage per Container is 50m, but request is 10m/);
    await expect(pod('too-large', large)).rejects.toThrow(/422|403/);

    const min = amounts('9m', '49Mi', '49Gi');
    await cluster.change(`${ranges}/limit-range`, (current) => ({
      ...current,
      spec: { limits: [{ ...limits, min }] },
    }));
    expect((await cluster.get(`${ranges}/limit-range`)).spec).toEqual({ limits: [{ ...limits, min }] });
    expect(await pod('small', small)).toMatchObject(small);
    await expect(pod('too-large', large)).rejects.toThrow(/422|403/);

    await cluster.delete(`${ranges}/limit-range`);
    await cluster.gone(`${ranges}/limit-range`);
    expect(await pod('large', large)).toEqual(large);
  });
});
