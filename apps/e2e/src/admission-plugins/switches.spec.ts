import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RawClient, reckonProgram, run } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../apart/apart-cluster';

/** What the configuration file tells the plugins that must be told something. */
const configuration = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: EventRateLimit
    path: events.yaml
  - name: PodNodeSelector
    configuration:
      podNodeSelectorPluginConfig:
        clusterDefaultNodeSelector: pool=shared
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
      defaults:
        enforce: baseline
        enforce-version: v1.30
      exemptions:
        namespaces: [kube-system]
`;
const eventLimits = `
apiVersion: eventratelimit.admission.k8s.io/v1alpha1
kind: Configuration
limits:
  - { type: Namespace, qps: 1, burst: 1 }
`;

const optional = [
  ...['AlwaysAdmit', 'AlwaysPullImages', 'DenyServiceExternalIPs', 'EventRateLimit', 'ExtendedResourceToleration'],
  ...['LimitPodHardAntiAffinityTopology', 'NamespaceExists', 'OwnerReferencesPermissionEnforcement', 'PodNodeSelector'],
  'PodTolerationRestriction',
];
const usual = [
  ...['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'TaintNodesByCondition', 'PodSecurity', 'Priority'],
  ...['DefaultTolerationSeconds', 'DefaultStorageClass', 'StorageObjectInUseProtection', 'PersistentVolumeClaimResize'],
  ...['RuntimeClass', 'DefaultIngressClass', 'PodTopologyLabels', 'ResourceQuota'],
];

const core = '/api/v1/namespaces/default';
const container = { name: 'a', image: 'i' };

interface Answer {
  readonly code: number;
  readonly message?: string;
  readonly metadata?: { readonly labels?: object; readonly finalizers?: readonly string[] };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** What the plugins see, of one server. */
class Probes {
  private made = 0;

  constructor(private readonly client: RawClient) {}

  async send(method: string, path: string, body?: object): Promise<Answer> {
    const reply = await this.client.send(method, path, body === undefined ? {} : { body });
    return { ...(reply.body as object), code: reply.status };
  }

  async object(path: string): Promise<object> {
    return (await this.client.send('GET', path)).body as object;
  }

  /** What a pod would become. */
  pod(spec: object = {}, metadata: object = {}): Promise<Answer> {
    return this.send('POST', `${core}/pods?dryRun=All`, {
      metadata: { name: 'p', ...metadata },
      spec: { containers: [container], ...spec },
    });
  }

  create(collection: string, body: object): Promise<Answer> {
    const name = `n${String(++this.made)}`;
    const { metadata, ...rest } = body as { metadata?: object };
    return this.send('POST', collection, { metadata: { name, ...metadata }, ...rest });
  }
}

/** For each plugin what shows whether it is there: the answer with it and without. */
const shows: Readonly<Record<string, readonly [(probes: Probes) => Promise<unknown>, unknown, unknown]>> = {
  NamespaceLifecycle: [
    async (p) => (await p.send('DELETE', '/api/v1/namespaces/kube-public')).message,
    'namespaces "kube-public" is forbidden: this namespace may not be deleted',
    undefined,
  ],
  LimitPodHardAntiAffinityTopology: [
    async (p) => {
      const podAntiAffinity = {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: {} }],
      };
      return (await p.pod({ affinity: { podAntiAffinity } })).code;
    },
    403,
    201,
  ],
  LimitRanger: [
    async (p) => {
      await p.create(`${core}/limitranges`, {
        spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '7m' } }] },
      });
      return (await p.pod()).spec?.['containers'];
    },
    [expect.objectContaining({ resources: { requests: { cpu: '7m' } } })],
    [expect.objectContaining({ resources: {} })],
  ],
  ServiceAccount: [async (p) => (await p.pod()).spec?.['serviceAccountName'], 'default', undefined],
  TaintNodesByCondition: [
    async (p) => (await p.create('/api/v1/nodes', {})).spec?.['taints'],
    [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
    undefined,
  ],
  AlwaysPullImages: [
    async (p) => (await p.pod({ containers: [{ ...container, imagePullPolicy: 'Never' }] })).spec?.['containers'],
    [expect.objectContaining({ imagePullPolicy: 'Always' })],
    [expect.objectContaining({ imagePullPolicy: 'Never' })],
  ],
  PodSecurity: [
    async (p) => (await p.pod({ hostPID: true })).message,
    'pods "p" is forbidden: violates PodSecurity "baseline:v1.30": host namespaces (hostPID=true)',
    undefined,
  ],
  PodNodeSelector: [async (p) => (await p.pod()).spec?.['nodeSelector'], { pool: 'shared' }, undefined],
  Priority: [
    async (p) => (await p.pod({ priorityClassName: 'system-node-critical' })).spec?.['priority'],
    2000001000,
    undefined,
  ],
  DefaultTolerationSeconds: [
    async (p) => {
      const tolerations = (await p.pod()).spec?.['tolerations'] as { effect: string }[] | undefined;
      return tolerations?.filter(({ effect }) => effect === 'NoExecute');
    },
    ['not-ready', 'unreachable'].map((name, i) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: [7, 300][i],
    })),
    undefined,
  ],
  PodTolerationRestriction: [
    async (p) => {
      const key = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
      await p.send('POST', '/api/v1/namespaces', {
        metadata: { name: 'picky', annotations: { [key]: '[{"key":"a"}]' } },
      });
      const spec = { containers: [container], tolerations: [{ key: 'b', operator: 'Exists' }] };
      await p.send('POST', '/api/v1/namespaces/picky/serviceaccounts', { metadata: { name: 'default' } });
      return (await p.send('POST', '/api/v1/namespaces/picky/pods?dryRun=All', { metadata: { name: 'p' }, spec }))
        .message;
    },
    'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    undefined,
  ],
  EventRateLimit: [
    async (p) => {
      const event = { involvedObject: { namespace: 'default', name: 'x', kind: 'Pod' }, type: 'Normal', reason: 'r' };
      await p.create(`${core}/events`, event);
      return (await p.create(`${core}/events`, event)).code;
    },
    429,
    201,
  ],
  ExtendedResourceToleration: [
    async (p) => {
      const device = { 'a.com/gpu': '1' };
      const containers = [{ ...container, resources: { requests: device, limits: device } }];
      const { spec } = await p.pod({ containers });
      return ((spec?.['tolerations'] ?? []) as { key: string }[]).some(({ key }) => key === 'a.com/gpu');
    },
    true,
    false,
  ],
  DefaultStorageClass: [
    async (p) => {
      const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
      const collection = '/apis/storage.k8s.io/v1/storageclasses';
      await p.send('POST', collection, { metadata: { name: 'usual', annotations }, provisioner: 'a.com/b' });
      return (await claim(p)).spec?.['storageClassName'];
    },
    'usual',
    undefined,
  ],
  StorageObjectInUseProtection: [
    async (p) => (await claim(p)).metadata?.finalizers,
    ['kubernetes.io/pvc-protection'],
    undefined,
  ],
  OwnerReferencesPermissionEnforcement: [
    async (p) => {
      const owner = { apiVersion: 'a.com/v1', kind: 'Nothing', name: 'n', uid: 'u', blockOwnerDeletion: true };
      return (await p.create(`${core}/configmaps`, { metadata: { ownerReferences: [owner] } })).code;
    },
    403,
    201,
  ],
  PersistentVolumeClaimResize: [
    async (p) => {
      const path = `${core}/persistentvolumeclaims/small`;
      await claim(p, { name: 'small' });
      const made = await p.send('PUT', `${path}/status`, { ...(await p.object(path)), status: { phase: 'Bound' } });
      const spec = { ...made.spec, resources: { requests: { storage: '2Gi' } } };
      return (await p.send('PUT', path, { ...(await p.object(path)), spec })).code;
    },
    403,
    200,
  ],
  RuntimeClass: [async (p) => (await p.pod({ runtimeClassName: 'none' })).code, 403, 201],
  DefaultIngressClass: [
    async (p) => {
      const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
      const spec = { controller: 'a.com/b' };
      const group = '/apis/networking.k8s.io/v1';
      await p.send('POST', `${group}/ingressclasses`, { metadata: { name: 'usual', annotations }, spec });
      const service = { name: 's', port: { number: 80 } };
      const made = await p.create(`${group}/namespaces/default/ingresses`, { spec: { defaultBackend: { service } } });
      return made.spec?.['ingressClassName'];
    },
    'usual',
    undefined,
  ],
  DenyServiceExternalIPs: [
    async (p) =>
      (await p.create(`${core}/services`, { spec: { ports: [{ port: 80 }], externalIPs: ['1.2.3.4'] } })).code,
    403,
    201,
  ],
  PodTopologyLabels: [
    async (p) => {
      const labels = { 'topology.kubernetes.io/zone': 'z' };
      await p.send('POST', '/api/v1/nodes', { metadata: { name: 'zoned', labels } });
      return (await p.pod({ nodeName: 'zoned' })).metadata?.labels;
    },
    { 'topology.kubernetes.io/zone': 'z' },
    undefined,
  ],
  ResourceQuota: [
    async (p) => {
      const path = `${core}/resourcequotas`;
      const made = await p.send('POST', path, { metadata: { name: 'q' }, spec: { hard: { secrets: '0' } } });
      await p.send('PUT', `${path}/q/status`, { ...made, status: { hard: { secrets: '0' }, used: { secrets: '0' } } });
      return (await p.create(`${core}/secrets`, {})).message;
    },
    expect.stringMatching(
      /is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=0, limited: secrets=0$/,
    ),
    undefined,
  ],
};
const claim = (p: Probes, metadata: object = {}): Promise<Answer> =>
  p.create(`${core}/persistentvolumeclaims`, {
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });

async function serve(cluster: ApartCluster, flags: readonly string[]): Promise<Probes> {
  const secure = ['--data-dir', cluster.dataDir, '--bind-address', '127.0.0.1', '--secure-port', '0'];
  await cluster.start(['apiserver', ...secure, '--authorization-mode', 'RBAC', ...flags]);
  const probes = new Probes(cluster.client());
  await probes.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'default' } });
  return probes;
}

describe('--enable-admission-plugins and --disable-admission-plugins', () => {
  const clusters = { on: new ApartCluster(), off: new ApartCluster(), other: new ApartCluster() };
  let on: Probes;
  let off: Probes;

  beforeAll(async () => {
    const folder = join(clusters.on.folder, 'admission');
    mkdirSync(folder);
    writeFileSync(join(folder, 'events.yaml'), eventLimits);
    writeFileSync(join(folder, 'admission.yaml'), configuration);
    const told = ['--admission-control-config-file', join(folder, 'admission.yaml')];
    const tolerated = ['--default-not-ready-toleration-seconds', '7'];
    on = await serve(clusters.on, ['--enable-admission-plugins', optional.join(','), ...told, ...tolerated]);
    off = await serve(clusters.off, ['--disable-admission-plugins', usual.join(',')]);
  });
  afterAll(async () => {
    for (const cluster of Object.values(clusters)) await cluster.dispose();
  });

  it.each(Object.entries(shows))('W18: %s', async (_, [probe, with_, without]) => {
    expect(await probe(on)).toEqual(with_);
    expect(await probe(off)).toEqual(without);
  });

  it('W18: NamespaceAutoProvision, and AlwaysDeny after it', async () => {
    const flags = (enable: string): string[] => ['--enable-admission-plugins', enable];
    const made = new ApartCluster();
    try {
      const probes = await serve(made, flags('NamespaceAutoProvision'));
      expect((await probes.create('/api/v1/namespaces/new/configmaps', {})).code).toBe(201);
      expect((await probes.send('GET', '/api/v1/namespaces/new')).code).toBe(200);
      expect((await probes.create('/api/v1/namespaces/../configmaps', {})).code).not.toBe(201);
    } finally {
      await made.dispose();
    }
    const denied = await serve(clusters.other, flags('AlwaysDeny'));
    expect(await denied.send('POST', `${core}/configmaps`, { metadata: { name: 'c' } })).toMatchObject({
      code: 403,
      message: 'configmaps "c" is forbidden: admission control is denying all modifications',
    });
    expect((await denied.send('GET', `${core}/configmaps`)).code).toBe(200);
  });

  it('are listed by -h in upstream’s way', async () => {
    const { stdout } = await run(process.execPath, [reckonProgram, 'apiserver', '-h']);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('--enable-admission-plugins strings');
    expect(text).toContain(
      '(NamespaceLifecycle, LimitRanger, ServiceAccount, TaintNodesByCondition, PodSecurity, Priority,',
    );
    expect(text).toContain('Comma-delimited list of admission plugins: AlwaysAdmit, AlwaysDeny, AlwaysPullImages,');
    expect(text).toContain('The order of plugins in this flag does not matter.');
    for (const name of [...optional, ...usual]) expect(text).toContain(name);
  });

  it.each([
    [['--enable-admission-plugins', 'Nonsense'], /there is no admission plugin "Nonsense"/],
    [['--disable-admission-plugins', 'Podsecurity'], /there is no admission plugin "Podsecurity"/],
    [
      ['--enable-admission-plugins', 'Priority', '--disable-admission-plugins', 'Priority'],
      /both enabled and disabled/,
    ],
    [['--enable-admission-plugins', 'EventRateLimit'], /EventRateLimit: says no limits/],
  ])('refuse %j', async (flags, problem) => {
    const folder = join(clusters.other.folder, 'refused');
    const { code, stderr } = await run(process.execPath, [
      ...[reckonProgram, 'apiserver', '--data-dir', folder, '--bind-address', '127.0.0.1', '--secure-port', '0'],
      ...flags,
    ]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(problem)]);
    expect(stderr).not.toMatch(/ at .*\.m?js:/);
  });
});
