import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed } from '../../../testing/run-strategy';
import { setPodDefaults } from './pod.defaults';

const bare: corev1.Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'team' },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:3' }] },
};

function defaulted(changes: Record<string, unknown> = {}): corev1.PodSpec {
  const pod = changed(bare, changes);
  setPodDefaults(pod);
  return pod.spec ?? { containers: [] };
}

describe('the defaults of a pod', () => {
  it('are those of the API', () => {
    expect(defaulted()).toEqual({
      containers: [
        {
          name: 'app',
          image: 'registry.example/app:3',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    });
  });

  it.each([
    ['a', 'Always'],
    ['a:latest', 'Always'],
    ['a:1', 'IfNotPresent'],
    ['host:5000/a', 'Always'],
    [`a@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
    ['Not A Reference', 'IfNotPresent'],
  ])('pull %s %s', (image, policy) => {
    expect(defaulted({ 'spec.containers.0.image': image }).containers[0]?.imagePullPolicy).toBe(policy);
  });

  it('complete probes and handlers', () => {
    const spec = defaulted({
      'spec.containers.0.livenessProbe': { httpGet: { port: 80 }, timeoutSeconds: 0 },
      'spec.containers.0.readinessProbe': { grpc: { port: 1 } },
      'spec.containers.0.lifecycle': { preStop: { httpGet: { port: 1 } } },
    });
    expect(spec.containers[0]?.livenessProbe).toEqual({
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
    expect(spec.containers[0]?.readinessProbe?.grpc).toEqual({ port: 1, service: '' });
    expect(spec.containers[0]?.lifecycle?.preStop?.httpGet).toEqual({ port: 1, path: '/', scheme: 'HTTP' });
  });

  it('request what is limited, and publish ports on the host with its network', () => {
    const spec = defaulted({
      'spec.hostNetwork': true,
      'spec.containers.0.ports': [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }],
      'spec.containers.0.resources': { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
    });
    expect(spec.containers[0]?.resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' });
    expect(spec.containers[0]?.ports).toEqual([
      { containerPort: 80, hostPort: 80, protocol: 'TCP' },
      { containerPort: 81, hostPort: 82, protocol: 'TCP' },
    ]);
  });

  it('derive what the pod as a whole requests, once it limits something as a whole', () => {
    const own = { 'spec.containers.0.resources': { requests: { memory: '1Gi' } } };
    expect(defaulted({ ...own, 'spec.resources': { limits: { cpu: '2', memory: '4Gi' } } }).resources).toEqual({
      limits: { cpu: '2', memory: '4Gi' },
      requests: { cpu: '2', memory: '1Gi' },
    });
    expect(defaulted({ ...own, 'spec.resources': { requests: { cpu: '1' } } }).resources).toEqual({
      requests: { cpu: '1' },
    });
    const pages = {
      'spec.containers.0.resources': { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' }, requests: { cpu: '1' } },
    };
    expect(defaulted({ ...pages, 'spec.resources': { requests: { cpu: '1' } } }).resources).toEqual({
      limits: { 'hugepages-2Mi': '4Mi' },
      requests: { cpu: '1', 'hugepages-2Mi': '4Mi' },
    });
    expect(defaulted({ ...own, 'spec.resources': {} }).resources).toEqual({});
  });

  it('round what is finer than a thousandth up', () => {
    const spec = defaulted({ 'spec.containers.0.resources': { requests: { cpu: '100u', memory: '1500u' } } });
    expect(spec.containers[0]?.resources?.requests).toEqual({ cpu: '1m', memory: '2m' });
  });

  it('keep both names of the service account in step', () => {
    expect(defaulted({ 'spec.serviceAccountName': 'a', 'spec.serviceAccount': 'b' })).toMatchObject({
      serviceAccountName: 'a',
      serviceAccount: 'a',
    });
    expect(defaulted({ 'spec.serviceAccount': 'b' })).toMatchObject({ serviceAccountName: 'b', serviceAccount: 'b' });
  });

  it('complete volumes', () => {
    const { volumes } = defaulted({
      'spec.volumes': [
        { name: 'none' },
        { name: 'secret', secret: { secretName: 's' } },
        { name: 'host', hostPath: { path: '/' } },
        { name: 'all', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
        { name: 'image', image: { reference: 'a' } },
        { name: 'rbd', rbd: { monitors: ['m'], image: 'i' } },
        { name: 'azure', azureDisk: { diskName: 'd', diskURI: 'u' } },
        { name: 'own', ephemeral: { volumeClaimTemplate: { spec: {} } } },
      ],
    });
    expect(volumes).toEqual([
      { name: 'none', emptyDir: {} },
      { name: 'secret', secret: { secretName: 's', defaultMode: 420 } },
      { name: 'host', hostPath: { path: '/', type: '' } },
      {
        name: 'all',
        projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] },
      },
      { name: 'image', image: { reference: 'a', pullPolicy: 'Always' } },
      { name: 'rbd', rbd: { monitors: ['m'], image: 'i', pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' } },
      {
        name: 'azure',
        azureDisk: {
          diskName: 'd',
          diskURI: 'u',
          cachingMode: 'ReadWrite',
          kind: 'Shared',
          fsType: 'ext4',
          readOnly: false,
        },
      },
      { name: 'own', ephemeral: { volumeClaimTemplate: { spec: { volumeMode: 'Filesystem' } } } },
    ]);
  });
});
