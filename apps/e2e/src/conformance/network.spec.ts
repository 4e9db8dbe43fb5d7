import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { exerciseApi, expectDiscovered } from './api-operations';
import {
  type ApiObject,
  type ConformanceCluster,
  namesOf,
  podSpec,
  startConformanceCluster,
} from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`;
const slices = (namespace: string): string => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
const networking = 'networking.k8s.io';

/** The slices that the controller keeps for a Service. */
const slicesOf = async (namespace: string, service: string): Promise<readonly ApiObject[]> =>
  (await cluster.list(`${slices(namespace)}?labelSelector=kubernetes.io%2Fservice-name%3D${service}`)).items;

const ip4 = expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as unknown;

describe('[sig-network] API Server', () => {
  it('should provide secure master service', async () => {
    const service = await cluster.get(`${core('default', 'services')}/kubernetes`);
    expect(service.spec).toMatchObject({
      type: 'ClusterIP',
      clusterIP: ip4,
      ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
    });
  });

  it('should have Endpoints and EndpointSlices pointing to API Server', async () => {
    const endpoints = await cluster.get(`${core('default', 'endpoints')}/kubernetes`);
    const [subset] = endpoints['subsets'] as { addresses: { ip: string }[]; ports: object[] }[];
    expect(subset).toMatchObject({ addresses: [{ ip: ip4 }], ports: [{ name: 'https', protocol: 'TCP' }] });
    const slice = await cluster.get(`${slices('default')}/kubernetes`);
    expect(slice.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'kubernetes' });
    expect(slice['endpoints']).toMatchObject([
      { addresses: subset?.addresses.map(({ ip }) => ip), conditions: { ready: true } },
    ]);
    expect(slice['ports']).toMatchObject(subset?.ports ?? []);
  });
});

describe('[sig-network] EndpointSlice', () => {
  const pod = (namespace: string, name: string, labels: object, ports: readonly object[]): Promise<ApiObject> =>
    cluster.create(core(namespace, 'pods'), {
      metadata: { name, labels },
      spec: { ...podSpec(), containers: [{ name: 'main', image: 'registry.example/pause:1', ports }] },
    });
  const service = (namespace: string, name: string, selector: object, ports: readonly object[]): Promise<ApiObject> =>
    cluster.create(core(namespace, 'services'), {
      metadata: { name },
      spec: { selector, publishNotReadyAddresses: true, ports },
    });
  const addressOf = (namespace: string, name: string): Promise<unknown> =>
    eventually(async () => {
      const { status } = await cluster.get(`${core(namespace, 'pods')}/${name}`);
      expect(status).toMatchObject({ podIP: ip4 });
      return status?.['podIP'];
    });

  it('should create and delete EndpointSlices for a Service with a selector that matches no pods', async () => {
    const namespace = await cluster.namespace('slices');
    await service(
      namespace,
      'example-empty-selector',
      { 'does-not-match-anything': 'endpoints-and-endpoint-slices-should-still-be-created' },
      [{ name: 'example', port: 80, protocol: 'TCP' }],
    );
    const endpoints = `${core(namespace, 'endpoints')}/example-empty-selector`;
    await eventually(async () => {
      await cluster.get(endpoints);
      expect(await slicesOf(namespace, 'example-empty-selector')).toHaveLength(1);
    });
    await cluster.delete(`${core(namespace, 'services')}/example-empty-selector`);
    await cluster.gone(endpoints);
    await eventually(async () => {
      expect(await slicesOf(namespace, 'example-empty-selector')).toEqual([]);
    });
  });

  it('should create Endpoints and EndpointSlices for Pods matching a Service', async () => {
    const namespace = await cluster.namespace('slices');
    await pod(namespace, 'pod1', { foo: 'bar', shared: 'yes' }, [{ name: 'example-name', containerPort: 3000 }]);
    await pod(namespace, 'pod2', { shared: 'yes' }, [
      { name: 'other-port', containerPort: 3001 },
      { name: 'example-name', containerPort: 3002 },
    ]);
    await service(namespace, 'example-int-port', { foo: 'bar' }, [{ name: 'example', port: 80, targetPort: 3000 }]);
    await service(namespace, 'example-named-port', { shared: 'yes' }, [
      { name: 'http', port: 80, targetPort: 'example-name' },
    ]);
    const [one, two] = [await addressOf(namespace, 'pod1'), await addressOf(namespace, 'pod2')];

    await eventually(async () => {
      const int = await slicesOf(namespace, 'example-int-port');
      expect(int).toMatchObject([
        {
          addressType: 'IPv4',
          metadata: { labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } },
          ports: [{ name: 'example', port: 3000, protocol: 'TCP' }],
          endpoints: [{ addresses: [one], targetRef: { kind: 'Pod', name: 'pod1' } }],
        },
      ]);
      expect(await cluster.get(`${core(namespace, 'endpoints')}/example-int-port`)).toMatchObject({
        subsets: [{ addresses: [{ ip: one }], ports: [{ name: 'example', port: 3000 }] }],
      });
      // The port's name means a number of its own on each pod: two subsets, two slices.
      const named = (await slicesOf(namespace, 'example-named-port')).map((slice) => {
        const [port] = slice['ports'] as { port: number }[];
        const endpoints = slice['endpoints'] as { addresses: string[] }[];
        return [port?.port, endpoints.flatMap(({ addresses }) => addresses)];
      });
      expect(named.sort()).toEqual([
        [3000, [one]],
        [3002, [two]],
      ]);
      const { subsets } = (await cluster.get(`${core(namespace, 'endpoints')}/example-named-port`)) as unknown as {
        subsets: { addresses: { ip: string }[]; ports: { port: number }[] }[];
      };
      expect(subsets.map(({ addresses, ports }) => [ports[0]?.port, addresses.map(({ ip }) => ip)]).sort()).toEqual([
        [3000, [one]],
        [3002, [two]],
      ]);
    });
  });

  it('should support creating EndpointSlice API operations', async () => {
    const namespace = await cluster.namespace('slices');
    await exerciseApi(cluster, {
      group: 'discovery.k8s.io',
      resource: 'endpointslices',
      kind: 'EndpointSlice',
      namespace,
      fields: { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }] },
      changed: { endpoints: [{ addresses: ['9.10.11.12'], conditions: {} }] },
    });
  });
});

describe('[sig-network] EndpointsController', () => {
  it('should create and delete Endpoints for a Service with a selector that matches no pods', async () => {
    const namespace = await cluster.namespace('endpoints');
    await cluster.create(core(namespace, 'services'), {
      metadata: { name: 'empty' },
      spec: { selector: { nothing: 'matches' }, ports: [{ name: 'example', port: 80 }] },
    });
    const path = `${core(namespace, 'endpoints')}/empty`;
    await eventually(async () => {
      expect((await cluster.get(path))['subsets'] ?? []).toEqual([]);
    });
    await cluster.delete(`${core(namespace, 'services')}/empty`);
    await cluster.gone(path);
  });

  it('should create Endpoints for Pods matching a Service', async () => {
    const namespace = await cluster.namespace('endpoints');
    for (const name of ['pod1', 'pod2'])
      await cluster.create(core(namespace, 'pods'), {
        metadata: { name, labels: { app: 'matched' } },
        spec: podSpec(),
      });
    await cluster.create(core(namespace, 'services'), {
      metadata: { name: 'matching' },
      spec: { selector: { app: 'matched' }, ports: [{ name: 'example', port: 80, targetPort: 3000 }] },
    });
    await eventually(async () => {
      const [subset] = ((await cluster.get(`${core(namespace, 'endpoints')}/matching`))['subsets'] ?? []) as {
        addresses: { targetRef: { name: string } }[];
        ports: object[];
      }[];
      expect(subset?.addresses.map(({ targetRef }) => targetRef.name).sort()).toEqual(['pod1', 'pod2']);
      expect(subset?.ports).toEqual([{ name: 'example', port: 3000, protocol: 'TCP' }]);
    });
  });
});

describe('[sig-network] EndpointSliceMirroring', () => {
  it('should mirror a custom Endpoints resource through create update and delete', async () => {
    const namespace = await cluster.namespace('mirroring');
    const ports = [{ name: 'example', port: 80, protocol: 'TCP' }];
    await cluster.create(core(namespace, 'services'), { metadata: { name: 'example' }, spec: { ports } });
    const mirrored = async (...ips: string[]): Promise<void> => {
      await eventually(async () => {
        const all = await slicesOf(namespace, 'example');
        const told = all.map((slice) => ({
          ips: (slice['endpoints'] as { addresses: string[] }[]).flatMap(({ addresses }) => addresses),
          ports: slice['ports'],
        }));
        expect(told).toEqual(ips.length === 0 ? [] : [{ ips, ports }]);
      });
    };
    const subsets = (ip: string): object[] => [{ addresses: [{ ip }], ports }];
    const path = `${core(namespace, 'endpoints')}/example`;
    await cluster.create(core(namespace, 'endpoints'), { metadata: { name: 'example' }, subsets: subsets('10.1.2.3') });
    await mirrored('10.1.2.3');
    await cluster.change(path, (current) => ({ ...current, subsets: subsets('10.2.3.4') }));
    await mirrored('10.2.3.4');
    await cluster.delete(path);
    await mirrored();
  });
});

describe('[sig-network] Endpoints', () => {
  it('should test the lifecycle of an Endpoint', async () => {
    const namespace = await cluster.namespace('endpoints');
    const collection = core(namespace, 'endpoints');
    const path = `${collection}/testservice`;
    const labels = { 'test-endpoint-static': 'true' };
    const selected = 'labelSelector=test-endpoint-static%3Dtrue';
    const watch = await cluster.watch(`${collection}?watch=1&${selected}`);
    const told = async (types: readonly string[]): Promise<void> => {
      await eventually(() => {
        expect(watch.events.map(({ type }) => type)).toEqual(types);
      });
    };
    const subsets = (ip: string, port: number): object[] => [
      { addresses: [{ ip }], ports: [{ name: 'http', port, protocol: 'TCP' }] },
    ];
    await cluster.create(collection, { metadata: { name: 'testservice', labels }, subsets: subsets('10.0.0.24', 80) });
    await told(['ADDED']);
    const everywhere = await cluster.list(`/api/v1/endpoints?${selected}`);
    expect(namesOf(everywhere)).toEqual(['testservice']);
    const updated = await cluster.change(path, (current) => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...labels, 'test-service': 'updated' } },
      subsets: subsets('10.0.0.24', 8080),
    }));
    expect(updated).toMatchObject({
      metadata: { labels: { 'test-service': 'updated' } },
      subsets: subsets('10.0.0.24', 8080),
    });
    await told(['ADDED', 'MODIFIED']);
    const patched = await cluster.patch(
      path,
      { metadata: { labels: { 'test-service': 'patched' } }, subsets: subsets('10.0.0.25', 8080) },
      'strategic-merge-patch',
    );
    expect(patched).toMatchObject({
      metadata: { labels: { 'test-service': 'patched' } },
      subsets: subsets('10.0.0.25', 8080),
    });
    await told(['ADDED', 'MODIFIED', 'MODIFIED']);
    await cluster.delete(`${collection}?${selected}`);
    await told(['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']);
    await cluster.gone(path);
  });
});

describe('[sig-network] Ingress API', () => {
  it('should support creating Ingress API operations', async () => {
    const namespace = await cluster.namespace('ingress');
    await exerciseApi(cluster, {
      group: networking,
      resource: 'ingresses',
      kind: 'Ingress',
      namespace,
      fields: {
        spec: {
          defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } },
          rules: [
            {
              host: 'test.host.com',
              http: {
                paths: [
                  { path: '/', pathType: 'Prefix', backend: { service: { name: 'backend', port: { number: 8080 } } } },
                ],
              },
            },
          ],
        },
      },
      status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
    });
  });
});

describe('[sig-network] IngressClass API', () => {
  it('should support creating IngressClass API operations', async () => {
    await exerciseApi(cluster, {
      group: networking,
      resource: 'ingressclasses',
      kind: 'IngressClass',
      names: ['ingressclass1', 'ingressclass2', 'ingressclass3'],
      fields: { spec: { controller: 'example.com/controller' } },
    });
  });
});

describe('[sig-network] ServiceCIDR and IPAddress API', () => {
  it('should support ServiceCIDR API operations', async () => {
    const collection = `/apis/${networking}/v1/servicecidrs`;
    await expectDiscovered(cluster, { group: networking, resource: 'servicecidrs', kind: 'ServiceCIDR', status: {} });
    const { metadata } = await cluster.get(`${collection}/kubernetes`);
    const status = await cluster.get(`${collection}/kubernetes/status`);
    expect([status.kind, status.metadata.uid]).toEqual(['ServiceCIDR', metadata.uid]);
    expect(namesOf(await cluster.list(collection))).toContain('kubernetes');
    const watch = await cluster.watch(`${collection}?watch=1`);
    await eventually(() => {
      expect(watch.events[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'kubernetes' } } });
    });
  });

  it('should support IPAddress API operations', async () => {
    const group = 'mygroup';
    const spec = { parentRef: { group, resource: 'myresources', namespace: 'foo', name: 'bar' } };
    await exerciseApi(cluster, {
      group: networking,
      resource: 'ipaddresses',
      kind: 'IPAddress',
      names: ['255.255.255.255', 'fe80::42:1dff:fe84:f9e2', '255.255.255.254'],
      fields: { spec },
    });
  });
});

describe('[sig-network] Services', () => {
  const make = async (namespace: string, name: string, spec: object, labels: object = {}): Promise<string> => {
    await cluster.create(core(namespace, 'services'), { metadata: { name, labels }, spec });
    return `${core(namespace, 'services')}/${name}`;
  };
  const ports = [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }];
  const change = (path: string, spec: (current: Readonly<Record<string, unknown>>) => object): Promise<ApiObject> =>
    cluster.change(path, (current) => ({ ...current, spec: spec(current.spec ?? {}) }));

  it('should find a service from listing all namespaces', async () => {
    const { items } = await cluster.list('/api/v1/services');
    expect(items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)).toContain('default/kubernetes');
  });

  it('should complete a service status lifecycle', async () => {
    const namespace = await cluster.namespace('services');
    const labels = { 'test-service-static': 'true' };
    const path = await make(namespace, 'test-service', { type: 'LoadBalancer', ports }, labels);
    const collection = core(namespace, 'services');
    const watch = await cluster.watch(`${collection}?watch=1&labelSelector=test-service-static%3Dtrue`);
    expect(namesOf(await cluster.list('/api/v1/services?labelSelector=test-service-static%3Dtrue'))).toEqual([
      'test-service',
    ]);
    expect((await cluster.get(`${path}/status`)).status).toEqual({ loadBalancer: {} });
    const ingress = [{ ip: '203.0.113.1' }];
    const patched = await cluster.patch(`${path}/status`, {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { loadBalancer: { ingress } },
    });
    expect(patched).toMatchObject({
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { loadBalancer: { ingress } },
    });
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
    const updated = await cluster.change(
      path,
      (current) => ({
        ...current,
        status: { ...current.status, conditions: [{ ...condition, lastTransitionTime: '2026-02-03T04:05:06Z' }] },
      }),
      `${path}/status`,
    );
    expect(updated.status).toMatchObject({ conditions: [condition] });
    const relabelled = await cluster.patch(
      path,
      { metadata: { labels: { 'test-service': 'patched' } } },
      'strategic-merge-patch',
    );
    expect(relabelled.metadata.labels).toEqual({ ...labels, 'test-service': 'patched' });
    await cluster.delete(path);
    await eventually(() => {
      expect(watch.events.at(-1)?.type).toBe('DELETED');
    });
    await cluster.gone(path);
  });

  it('should delete a collection of services', async () => {
    const namespace = await cluster.namespace('services');
    const labels = { 'test-services': 'collection' };
    for (const name of ['svc-1', 'svc-2', 'svc-3']) await make(namespace, name, { ports }, labels);
    await make(namespace, 'other', { ports });
    const collection = core(namespace, 'services');
    const selected = `${collection}?labelSelector=test-services%3Dcollection`;
    expect((await cluster.list(selected)).items).toHaveLength(3);
    await cluster.delete(selected);
    await eventually(async () => {
      expect(namesOf(await cluster.list(collection))).toEqual(['other']);
    });
  });

  it('should be able to change the type from ExternalName to ClusterIP', async () => {
    const namespace = await cluster.namespace('services');
    const path = await make(namespace, 'external', { type: 'ExternalName', externalName: 'foo.example.com' });
    expect((await cluster.get(path)).spec).not.toHaveProperty('clusterIP');
    const changed = await change(path, () => ({ type: 'ClusterIP', ports }));
    expect(changed.spec).toMatchObject({ type: 'ClusterIP', clusterIP: ip4, clusterIPs: [ip4] });
    expect(changed.spec).not.toHaveProperty('externalName');
  });

  it('should be able to change the type from ExternalName to NodePort', async () => {
    const namespace = await cluster.namespace('services');
    const path = await make(namespace, 'external', { type: 'ExternalName', externalName: 'foo.example.com' });
    const changed = await change(path, () => ({ type: 'NodePort', ports }));
    expect(changed.spec).toMatchObject({ type: 'NodePort', clusterIP: ip4 });
    const [port] = changed.spec?.['ports'] as { nodePort: number }[];
    expect(port?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(port?.nodePort).toBeLessThanOrEqual(32_767);
  });

  it('should be able to change the type from ClusterIP to ExternalName', async () => {
    const namespace = await cluster.namespace('services');
    const path = await make(namespace, 'inner', { type: 'ClusterIP', ports });
    const before = (await cluster.get(path)).spec;
    expect(before).toMatchObject({ clusterIP: ip4 });
    // As client-go's typed object has it: no address, because the type has none.
    const changed = await change(path, ({ ports: kept }) => ({
      type: 'ExternalName',
      externalName: 'foo.example.com',
      ports: kept,
    }));
    expect(changed.spec).toMatchObject({ type: 'ExternalName', externalName: 'foo.example.com' });
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'])
      expect(changed.spec).not.toHaveProperty(field);
    // What it had is free again.
    const clusterIP = before?.['clusterIP'];
    const again = await make(namespace, 'again', { clusterIP, ports });
    expect((await cluster.get(again)).spec).toMatchObject({ clusterIP });
  });

  it('should be able to change the type from NodePort to ExternalName', async () => {
    const namespace = await cluster.namespace('services');
    const path = await make(namespace, 'node', { type: 'NodePort', ports });
    const [before] = (await cluster.get(path)).spec?.['ports'] as { nodePort: number }[];
    const changed = await change(path, () => ({ type: 'ExternalName', externalName: 'foo.example.com' }));
    expect(changed.spec).toMatchObject({ type: 'ExternalName', externalName: 'foo.example.com' });
    expect(changed.spec).not.toHaveProperty('clusterIP');
    const again = await make(namespace, 'again', {
      type: 'NodePort',
      ports: [{ port: 80, nodePort: before?.nodePort }],
    });
    expect((await cluster.get(again)).spec).toMatchObject({ ports: [{ nodePort: before?.nodePort }] });
  });
});
