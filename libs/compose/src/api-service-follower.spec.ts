import type { apiregistrationv1 } from '@reckon/api/types';
import type { Running } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiServiceGroup, availableCondition } from './api-service-condition';
import { startApiServiceFollower } from './api-service-follower';
import { servedStore } from './registry';
import { systemContext, systemWrite } from './system-context';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

const apiVersion = `${apiServiceGroup}/v1`;
const name = 'v1.none.example.com';
const local = { group: 'none.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 };
const spec = { ...local, service: { name: 's', namespace: 'default' } };

describe('the condition of an APIService', () => {
  const service = (of: object): never =>
    ({ metadata: { name: 's' }, spec: { clusterIP: '10.96.0.9', ...of } }) as never;
  const ports = [{ name: 'https', port: 443 }];
  const slice = (of: object): never =>
    ({ metadata: {}, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports, ...of }) as never;
  const condition = (there: unknown, slices: readonly unknown[] = [], of: object = spec): string => {
    const { status, reason, message } = availableCondition({ metadata: { name }, spec: of } as never, {
      service: () => there as never,
      endpointSlices: () => slices as never,
    });
    return `${status} ${reason ?? ''}: ${message ?? ''}`;
  };

  const url = 'https://10.96.0.9:443/apis/none.example.com/v1';
  it.each([
    ['no service', undefined, [], 'False ServiceNotFound: service/s in "default" is not present'],
    [
      'a service without the port',
      service({ ports: [{ port: 80 }] }),
      [],
      'False ServicePortError: service/s in "default" is not listening on port 443',
    ],
    [
      'a service without slices',
      service({ ports }),
      [],
      'False EndpointsNotFound: cannot find endpointslices for service/s in "default"',
    ],
    [
      'endpoints that are not ready',
      service({ ports }),
      [slice({ endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }] })],
      'False MissingEndpoints: endpointslices for service/s in "default" have no addresses with port name "https"',
    ],
    [
      'endpoints of another port',
      service({ ports }),
      [slice({ ports: [{ name: 'http', port: 80 }] })],
      'False MissingEndpoints: endpointslices for service/s in "default" have no addresses with port name "https"',
    ],
    [
      'endpoints that are ready',
      service({ ports }),
      [slice({})],
      `False FailedDiscoveryCheck: failing or missing response from ${url}: Get "${url}": services cannot be reached from this server`,
    ],
    [
      'a service without an address',
      service({ ports, clusterIP: 'None' }),
      [slice({})],
      'False FailedDiscoveryCheck: cannot route to service with ClusterIP "None"',
    ],
    [
      'a node port that is another',
      service({ ports: [{ port: 80 }], type: 'NodePort' }),
      [],
      'False FailedDiscoveryCheck: no service port 443 found for service "s"',
    ],
    [
      'a name elsewhere',
      service({ type: 'ExternalName', externalName: 'api.example.com' }),
      [],
      'False FailedDiscoveryCheck: failing or missing response from https://api.example.com:443/apis/none.example.com/v1: ' +
        'Get "https://api.example.com:443/apis/none.example.com/v1": services cannot be reached from this server',
    ],
  ])('with %s', (_, there, slices, expected) => {
    expect(condition(there, slices)).toBe(expected);
  });

  it('is true of what this server serves itself', () => {
    expect(condition(undefined, [], local)).toBe('True Local: Local APIServices are always available');
  });
});

describe('the status of an APIService', () => {
  let cluster: MemoryCluster;
  let apiServices: ResourceStore;
  let services: ResourceStore;
  let follower: Running;
  beforeEach(async () => {
    cluster = await memoryCluster();
    apiServices = servedStore(cluster.kinds, cluster.storeOf, apiServiceGroup, 'apiservices');
    services = servedStore(cluster.kinds, cluster.storeOf, '', 'services');
    follower = startApiServiceFollower({
      ...cluster.basics,
      storage: cluster.storage,
      apiServices,
      agent: 'kube-apiserver/1',
    });
  });
  afterEach(async () => {
    await follower.stop();
    await cluster.close();
  });
  const ctx = () => systemContext({ ...cluster.basics, agent: 'kube-apiserver/1' });
  const create = (of: object): Promise<unknown> =>
    apiServices.create(
      ctx(),
      '',
      { apiVersion, kind: 'APIService', metadata: { name }, spec: of },
      systemWrite(apiVersion),
    );
  const read = (): apiregistrationv1.APIService =>
    cluster.storage.newest({ group: apiServiceGroup, resource: 'apiservices', namespace: '', name })?.parse() as never;
  const says = (reason: string): Promise<void> =>
    vi.waitFor(() => {
      expect(read().status?.conditions?.map((c) => c.reason)).toEqual([reason]);
    });

  it('follows the service behind it', async () => {
    await create(spec);
    await says('ServiceNotFound');
    expect(read().metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'kube-apiserver', operation: 'Update', subresource: 'status' }),
    );
    await services.create(
      ctx(),
      'default',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's', namespace: 'default' },
        spec: { ports: [{ port: 443 }] },
      },
      systemWrite('v1'),
    );
    await says('EndpointsNotFound');
    await services.delete(ctx(), 'default', 's', {}, systemWrite('v1'));
    await says('ServiceNotFound');
  });

  it('is not written again while it says so', async () => {
    await create(local);
    await says('Local');
    await follower.stop();
    expect(String(cluster.storage.revision)).toBe(read().metadata.resourceVersion);
  });
});
