import { createKindRegistry } from '@reckon/api/kinds';
import { failure, StatusError, statusErrors } from '@reckon/api/machinery';
import type { AuthzAttributes } from '@reckon/serve/authz';
import { describe, expect, it } from 'vitest';
import type { AdmissionOptions } from '../create-admission';
import { type AdmissionFixture, admissionFixture, ctx, rowOf } from '../testing/admission-fixture.suite';

const namespaces = { group: '', resource: 'namespaces' };
const without = ['ServiceAccount', 'DefaultTolerationSeconds', 'Priority', 'LimitRanger'];
/** Beside the usual plugins those named, with what they are told. */
const start = (enable: string[], options: Partial<AdmissionOptions> = {}): Promise<AdmissionFixture> =>
  admissionFixture({ enable, disable: without, ...options });
const told = (plugin: string, content: unknown): AdmissionOptions['configurations'] => ({
  [plugin]: { content, file: 'plugin.yaml' },
});
const container = { name: 'a', image: 'i' };
const refused = (why: string): string => `403 pods "p" is forbidden: ${why}`;

describe('AlwaysDeny', () => {
  it('refuses whatever is asked', async () => {
    const { ask } = await start(['AlwaysAdmit', 'AlwaysDeny']);
    const object = { metadata: { name: 'p' } };
    for (const operation of ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const)
      expect(await ask({ operation, object, name: 'p', oldObject: object })).toBe(
        refused('admission control is denying all modifications'),
      );
  });
});

describe('AlwaysPullImages', () => {
  it('has every image pulled, whatever the pod says', async () => {
    const { pod } = await start(['AlwaysPullImages']);
    const spec = {
      initContainers: [{ ...container, imagePullPolicy: 'Never' }],
      containers: [container],
      volumes: [{ name: 'v', image: { reference: 'r', pullPolicy: 'IfNotPresent' } }],
    };
    expect(await pod(spec)).toMatchObject({
      initContainers: [{ imagePullPolicy: 'Always' }],
      containers: [{ imagePullPolicy: 'Always' }],
      volumes: [{ image: { pullPolicy: 'Always' } }],
    });
  });

  it('leaves a pod that gets no new image as it is', async () => {
    const { ask } = await start(['AlwaysPullImages']);
    const pod = (image: string): object => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image }] } });
    const change = (image: string): Promise<unknown> =>
      ask({ operation: 'UPDATE', object: pod(image), oldObject: pod('i') });
    expect(await change('i')).toEqual(pod('i'));
    expect(await change('other')).toMatchObject({ spec: { containers: [{ imagePullPolicy: 'Always' }] } });
  });
});

describe('DenyServiceExternalIPs', () => {
  it('lets external addresses go, and none come', async () => {
    const { ask } = await start(['DenyServiceExternalIPs']);
    const row = rowOf('', 'v1', 'services');
    const service = (...externalIPs: string[]): object => ({ metadata: { name: 's' }, spec: { externalIPs } });
    const no = '403 services "s" is forbidden: Use of external IPs is denied by admission control';
    expect(await ask({ row, object: service('1.2.3.4') })).toBe(no);
    expect(await ask({ row, object: service() })).toEqual(service());
    const change = (after: object, before: object): Promise<unknown> =>
      ask({ row, operation: 'UPDATE', object: after, oldObject: before });
    expect(await change(service('a'), service('a', 'b'))).toEqual(service('a'));
    expect(await change(service('a', 'c'), service('a', 'b'))).toBe(no);
  });
});

describe('LimitPodHardAntiAffinityTopology', () => {
  it('lets a pod keep others off its node only', async () => {
    const { pod } = await start(['LimitPodHardAntiAffinityTopology']);
    const apart = (topologyKey: string): object => ({
      containers: [container],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } },
    });
    expect(await pod(apart('kubernetes.io/hostname'))).toBeTypeOf('object');
    expect(await pod(apart('zone'))).toBe(
      refused(
        'affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
      ),
    );
  });
});

describe('ExtendedResourceToleration', () => {
  it('tolerates the taints of the devices that a pod asks for', async () => {
    const { pod } = await start(['ExtendedResourceToleration']);
    const asking = (requests: object): object => ({ ...container, resources: { requests } });
    const tolerations = [{ key: 'a.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];
    const spec = {
      containers: [asking({ 'b.com/x': '1', cpu: '1', 'kubernetes.io/y': '1' })],
      initContainers: [asking({ 'a.com/gpu': '1', 'hugepages-2Mi': '1' })],
      tolerations,
    };
    const exists = (key: string): object => ({ key, operator: 'Exists', effect: 'NoSchedule' });
    expect(await pod(spec)).toMatchObject({ tolerations: [exists('a.com/gpu'), exists('b.com/x')] });
    expect(((await pod({ containers: [container] })) as { tolerations?: unknown }).tolerations).toBeUndefined();
  });

  it('leaves a pod without containers to validation', async () => {
    const { pod } = await start(['ExtendedResourceToleration']);
    expect(await pod({})).not.toHaveProperty('tolerations');
    expect(
      await pod({ initContainers: [{ ...container, resources: { requests: { 'a.com/gpu': '1' } } }] }),
    ).toMatchObject({ tolerations: [{ key: 'a.com/gpu' }] });
  });
});

describe('namespaces', () => {
  const pod = { metadata: { name: 'p' }, spec: { containers: [container] } };

  it('are made by NamespaceAutoProvision for whoever makes something in them', async () => {
    const made: string[] = [];
    const fixture = await start(['NamespaceAutoProvision'], {
      createNamespace: async (name) => {
        made.push(name);
        if (name === 'broken') throw new StatusError(failure({ code: 500, message: 'no room' }));
        await fixture.put(namespaces, { metadata: { name } });
        if (name === 'raced') throw statusErrors.alreadyExists(namespaces, name);
      },
    });
    for (const namespace of ['new', 'new', 'default', 'raced'])
      expect(await fixture.ask({ namespace, object: pod })).toBeTypeOf('object');
    expect(made).toEqual(['new', 'raced']);
    expect(await fixture.ask({ namespace: 'broken', object: pod })).toBe(refused('no room'));
    expect(await fixture.ask({ namespace: 'other', operation: 'UPDATE', object: pod, oldObject: pod })).toMatch(/^404/);
    const namespace = { metadata: { name: 'self' } };
    await fixture.ask({ row: rowOf('', 'v1', 'namespaces'), namespace: 'self', object: namespace });
    expect(made).toEqual(['new', 'raced', 'broken']);
  });

  it('must be there for NamespaceExists', async () => {
    const { ask } = await start(['NamespaceExists'], { disable: [...without, 'NamespaceLifecycle'] });
    const gone = '404 namespaces "gone" not found';
    expect(await ask({ namespace: 'gone', object: pod })).toBe(gone);
    expect(await ask({ namespace: 'gone', operation: 'DELETE', name: 'p', oldObject: pod })).toBe(gone);
    expect(await ask({ object: pod })).toBeTypeOf('object');
  });
});

describe('OwnerReferencesPermissionEnforcement', () => {
  const owner = (more: object = {}): object => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'r',
    uid: 'u',
    ...more,
  });
  const pod = (...ownerReferences: object[]): object => ({
    metadata: { name: 'p', ownerReferences },
    spec: { containers: [container] },
  });

  async function asked(allow: (what: AuthzAttributes) => boolean) {
    const questions: string[] = [];
    const { ask } = await start(['OwnerReferencesPermissionEnforcement'], {
      kinds: createKindRegistry(),
      authorizer: {
        authorize: (what) => {
          questions.push(
            `${what.verb} ${what.group}/${what.resource}/${what.subresource} ${what.namespace}/${what.name}`,
          );
          return { allowed: allow(what), reason: 'because' };
        },
      },
    });
    return { questions, ask };
  }

  it('asks for the right to delete what gets other owners', async () => {
    const { ask, questions } = await asked(() => false);
    const change = (after: object, before: object, subresource = ''): Promise<unknown> =>
      ask({ operation: 'UPDATE', name: 'p', subresource, object: after, oldObject: before });
    const no = refused("cannot set an ownerRef on a resource you can't delete: because, <nil>");
    expect(await change(pod(owner()), pod())).toBe(no);
    expect(await change(pod(), pod(owner()))).toBe(no);
    expect(questions).toEqual(['delete /pods/ default/p', 'delete /pods/ default/p']);
    expect(await change(pod(owner()), pod(owner()))).toBeTypeOf('object');
    expect(await change(pod(owner()), pod(), 'status')).toBeTypeOf('object');
    expect(await ask({ object: pod(owner()) })).toBeTypeOf('object');
    expect(questions).toHaveLength(2);
  });

  it('asks for the right to hold up the deletion of owners', async () => {
    const { ask, questions } = await asked(({ subresource }) => subresource !== 'finalizers');
    const blocking = owner({ blockOwnerDeletion: true });
    expect(await ask({ object: pod(blocking) })).toBe(
      refused(
        "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: because, <nil>",
      ),
    );
    expect(questions).toEqual(['update apps/replicasets/finalizers default/r']);
    const again = {
      operation: 'UPDATE',
      object: pod(blocking, owner({ uid: 'v' })),
      oldObject: pod(blocking),
    } as const;
    expect(await ask(again)).toBeTypeOf('object');
    const node = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'n', blockOwnerDeletion: true };
    await ask({ object: pod(node) });
    expect(questions.at(-1)).toBe('update /nodes/finalizers /n');
    expect(await ask({ object: pod({ ...node, kind: 'Nodes' }) })).toBe(
      refused(
        'cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion v1 Kind Nodes: no matches for kind "Nodes" in version "v1"',
      ),
    );
  });
});

describe('PodNodeSelector', () => {
  const annotation = 'scheduler.alpha.kubernetes.io/node-selector';
  const config = {
    podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'env=dev', default: 'env=dev,disk=ssd,os=linux' },
  };
  const label = (fixture: AdmissionFixture, text: string): Promise<void> =>
    fixture.put(namespaces, { metadata: { name: 'default', annotations: { [annotation]: text } } });
  const selecting = (nodeSelector?: object): object => ({
    containers: [container],
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  });

  it('adds what the namespace or the cluster asks for', async () => {
    const fixture = await start(['PodNodeSelector'], { configurations: told('PodNodeSelector', config) ?? {} });
    expect(await fixture.pod(selecting({ disk: 'ssd' }))).toMatchObject({ nodeSelector: { env: 'dev', disk: 'ssd' } });
    await label(fixture, 'os=linux');
    expect(await fixture.pod(selecting())).toMatchObject({ nodeSelector: { os: 'linux' } });
    await label(fixture, '');
    expect(await fixture.pod(selecting())).toEqual(selecting());
  });

  it('refuses what conflicts with it', async () => {
    const fixture = await start(['PodNodeSelector'], { configurations: told('PodNodeSelector', config) ?? {} });
    expect(await fixture.pod(selecting({ env: 'prod' }))).toBe(
      refused('pod node label selector conflicts with its namespace node label selector'),
    );
    for (const nodeSelector of [{ other: 'x' }, { disk: 'hdd' }])
      expect(await fixture.pod(selecting(nodeSelector))).toBe(
        refused('pod node label selector labels conflict with its namespace whitelist'),
      );
    await label(fixture, 'env in (a, b)');
    expect(await fixture.pod(selecting())).toBe('500 invalid selector: env in (a, b)');
  });

  it.each([
    [{ podNodeSelectorPluginConfig: { a: 'b' } }],
    [{ other: {} }],
    [[]],
    [{ podNodeSelectorPluginConfig: { a: '-=x' } }],
  ])('refuses to be told %j', async (content) => {
    const configurations = told('PodNodeSelector', content) ?? {};
    await expect(start(['PodNodeSelector'], { configurations })).rejects.toThrow(
      /plugin.yaml: admission plugin PodNodeSelector/,
    );
  });
});

describe('PodTolerationRestriction', () => {
  const key = (name: string): string => `scheduler.alpha.kubernetes.io/${name}`;
  const annotate = (fixture: AdmissionFixture, annotations: Record<string, string>): Promise<void> =>
    fixture.put(namespaces, { metadata: { name: 'default', annotations } });
  const tolerating = (...tolerations: object[]): object => ({ containers: [container], tolerations });
  const apiVersion = 'podtolerationrestriction.admission.k8s.io/v1alpha1';
  const config = (more: object): AdmissionOptions['configurations'] =>
    told('PodTolerationRestriction', { apiVersion, kind: 'Configuration', ...more });

  it('gives what the namespace or the cluster gives', async () => {
    const fixture = await start(['PodTolerationRestriction'], {
      configurations: config({ default: [{ key: 'c', operator: 'Exists', value: '' }] }) ?? {},
    });
    const own = { key: 'o', operator: 'Exists' };
    expect(await fixture.pod(tolerating(own))).toMatchObject({ tolerations: [own, { key: 'c', operator: 'Exists' }] });
    await annotate(fixture, { [key('defaultTolerations')]: '[{"operator":"Exists","key":"n","effect":"NoExecute"}]' });
    const given = { key: 'n', operator: 'Exists', effect: 'NoExecute' };
    expect(await fixture.pod(tolerating())).toMatchObject({ tolerations: [given] });
    expect(await fixture.pod(tolerating({ operator: 'Exists' }))).toMatchObject({
      tolerations: [{ operator: 'Exists' }],
    });
    await annotate(fixture, { [key('defaultTolerations')]: '' });
    expect(await fixture.pod(tolerating(own))).toMatchObject({ tolerations: [own] });
    const asking = { containers: [{ ...container, resources: { requests: { memory: '1Gi' } } }] };
    expect(await fixture.pod(asking)).toMatchObject({ tolerations: [{ key: 'node.kubernetes.io/memory-pressure' }] });
    await annotate(fixture, { [key('defaultTolerations')]: '{"a' });
    expect(await fixture.pod(tolerating())).toMatch(/^500 /);
  });

  it('keeps pods to what is allowed', async () => {
    const fixture = await start(['PodTolerationRestriction'], {
      configurations:
        config({ whitelist: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 9 }] }) ?? {},
    });
    const no = (whose: string): string =>
      `500 pod tolerations (possibly merged with namespace default tolerations) conflict with its ${whose} whitelist`;
    const a = { key: 'a', operator: 'Equal', value: 'x', effect: 'NoExecute', tolerationSeconds: 5 };
    expect(await fixture.pod(tolerating(a))).toBeTypeOf('object');
    for (const wider of [
      { tolerationSeconds: 10 },
      { tolerationSeconds: undefined },
      { effect: 'NoSchedule' },
      { key: 'b' },
      { key: '', operator: 'Exists' },
    ])
      expect(await fixture.pod(tolerating({ ...a, ...wider }))).toBe(no('cluster'));
    await annotate(fixture, { [key('tolerationsWhitelist')]: '[{"key":"b","value":"x"}]' });
    expect(await fixture.pod(tolerating({ key: 'b', value: 'x' }))).toBeTypeOf('object');
    expect(await fixture.pod(tolerating(a))).toBe(no('namespace'));
    await annotate(fixture, { [key('tolerationsWhitelist')]: '' });
    expect(await fixture.pod(tolerating({ operator: 'Exists' }))).toBeTypeOf('object');
  });

  it('refuses more tolerations than anybody needs at once', async () => {
    const fixture = await start(['PodTolerationRestriction', 'ExtendedResourceToleration']);
    const many = (count: number): object[] =>
      Array.from({ length: count }, (_, i) => ({ key: `k${String(i)}`, operator: 'Exists' }));
    expect(await fixture.pod(tolerating(...many(1000)))).toBeTypeOf('object');
    expect(await fixture.pod(tolerating(...many(30_000)))).toBe(refused('more than 1000 tolerations'));
  });

  it.each([[{ kind: 'X' }], [{ default: [{ operator: 'In' }] }], [{ whitelist: {} }], [{ allow: [] }]])(
    'refuses to be told %j',
    async (more) => {
      const configurations = config(more) ?? {};
      await expect(start(['PodTolerationRestriction'], { configurations })).rejects.toThrow(/PodTolerationRestriction/);
    },
  );
});

describe('PodTopologyLabels', () => {
  it('tells pods where they run', async () => {
    const { ask, put } = await start([]);
    const zone = 'topology.kubernetes.io/zone';
    await put({ group: '', resource: 'nodes' }, { metadata: { name: 'n', labels: { [zone]: 'z', other: 'x' } } });
    const binding = (target: object, labels?: object): object => ({ metadata: { name: 'p', labels }, target });
    const bind = (object: object): Promise<unknown> => ask({ subresource: 'binding', object });
    expect(await bind(binding({ kind: 'Node', name: 'n' }))).toMatchObject({ metadata: { labels: { [zone]: 'z' } } });
    expect(await bind(binding({ kind: 'Node', name: 'n' }, { [zone]: 'y', own: '1' }))).toMatchObject({
      metadata: { labels: { [zone]: 'z', own: '1' } },
    });
    expect(await bind(binding({ kind: 'Node', name: 'gone' }))).toEqual(binding({ kind: 'Node', name: 'gone' }));
    expect(await bind(binding({ kind: 'Pod', name: 'n' }))).toEqual(binding({ kind: 'Pod', name: 'n' }));
    expect(await ask({ object: { metadata: { name: 'p' }, spec: { containers: [], nodeName: 'n' } } })).toMatchObject({
      metadata: { labels: { [zone]: 'z' } },
    });
  });
});

describe('EventRateLimit', () => {
  const apiVersion = 'eventratelimit.admission.k8s.io/v1alpha1';
  const row = rowOf('', 'v1', 'events');
  const limits = (...given: object[]): AdmissionOptions['configurations'] =>
    told('EventRateLimit', { apiVersion, kind: 'Configuration', limits: given });
  const startWith = (...given: object[]): Promise<AdmissionFixture> =>
    start(['EventRateLimit'], { configurations: limits(...given) ?? {} });

  it('lets so many events in, and more as time goes by', async () => {
    const { ask, put } = await startWith(
      { type: 'Namespace', qps: 1, burst: 2 },
      { type: 'Server', qps: 100, burst: 100 },
    );
    await put(namespaces, { metadata: { name: 'other' } });
    const event = (namespace: string, nowMs: number): Promise<unknown> =>
      ask({ row, namespace, object: { metadata: { name: 'e' } }, ctx: { ...ctx, nowMs } });
    const no = '429 Too many requests: limit reached on type Namespace for key default';
    expect([await event('default', 0), await event('default', 0)]).toEqual([
      { metadata: { name: 'e' } },
      { metadata: { name: 'e' } },
    ]);
    expect(await event('default', 0)).toBe(no);
    expect(await event('other', 0)).toBeTypeOf('object');
    expect(await event('default', 999)).toBe(no);
    expect(await event('default', 1000)).toBeTypeOf('object');
    expect(await ask({ object: { metadata: { name: 'p' }, spec: { containers: [container] } } })).toBeTypeOf('object');
  });

  it('knows events apart by who sends them and what they are about', async () => {
    const { ask } = await startWith({ type: 'SourceAndObject', qps: 1, burst: 1, cacheSize: 2 });
    const event = (component: string, name: string): Promise<unknown> =>
      ask({ row, object: { metadata: { name: 'e' }, source: { component }, involvedObject: { name } } });
    expect(await event('a', 'x')).toBeTypeOf('object');
    expect(await event('a', 'y')).toBeTypeOf('object');
    expect(await event('a', 'x')).toBe('429 Too many requests: limit reached on type SourceAndObject for key ax');
    expect(await event('b', 'x')).toBeTypeOf('object');
    // Two are known; the one asked longest ago has been forgotten.
    expect(await event('a', 'y')).toBeTypeOf('object');
  });

  it('counts users apart', async () => {
    const { ask } = await startWith({ type: 'User', qps: 1, burst: 1 });
    const event = (name: string): Promise<unknown> =>
      ask({ row, object: { metadata: { name: 'e' } }, user: { name, groups: [] } });
    expect([await event('a'), await event('b')].map((answer) => typeof answer)).toEqual(['object', 'object']);
    expect(await event('a')).toMatch(/^429 .* on type User for key a$/);
  });

  it('must be told its limits', async () => {
    await expect(start(['EventRateLimit'])).rejects.toThrow(/EventRateLimit: says no limits/);
    for (const bad of [
      { type: 'All', qps: 1, burst: 1 },
      { type: 'Server', qps: 0, burst: 1 },
      { type: 'Server', qps: 1 },
    ])
      await expect(startWith(bad)).rejects.toThrow(/plugin.yaml: admission plugin EventRateLimit/);
    await expect(startWith()).rejects.toThrow(/EventRateLimit/);
  });
});

describe('ClusterTrustBundleAttest', () => {
  it('asks for the right to attest for the signer', async () => {
    const names: string[] = [];
    const { ask } = await start([], {
      authorizer: {
        authorize: ({ verb, name }) => {
          names.push(`${verb} ${name}`);
          return { allowed: name === 'good.com/*', reason: '' };
        },
      },
    });
    // Not among the kinds that are served by default.
    const row = {
      ...rowOf('certificates.k8s.io', 'v1', 'certificatesigningrequests'),
      resource: 'clustertrustbundles',
    };
    const bundle = (signerName: string, more: object = {}): object => ({
      metadata: { name: 'b', ...more },
      spec: { signerName },
    });
    expect(await ask({ row, namespace: '', object: bundle('bad.com/x') })).toBe(
      '403 clustertrustbundles.certificates.k8s.io "b" is forbidden: user not permitted to attest for signerName "bad.com/x"',
    );
    expect(await ask({ row, namespace: '', object: bundle('good.com/x') })).toBeTypeOf('object');
    expect(names).toEqual(['attest bad.com/x', 'attest bad.com/*', 'attest good.com/x', 'attest good.com/*']);
    expect(await ask({ row, namespace: '', object: bundle('') })).toBeTypeOf('object');
    const cleaned = {
      row,
      namespace: '',
      operation: 'UPDATE',
      object: bundle('bad.com/x'),
      oldObject: bundle('bad.com/x', { finalizers: ['f'] }),
    } as const;
    expect(await ask(cleaned)).toBeTypeOf('object');
  });
});
