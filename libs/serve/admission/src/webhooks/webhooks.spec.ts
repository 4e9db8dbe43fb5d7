import type { ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, type Ask, rowOf } from '../testing/admission-fixture.suite';
import { allow, patching, type WebhookServer, webhookServer, type Reply } from '../testing/webhook-server.suite';

const group = 'admissionregistration.k8s.io';
const resources = { mutating: 'mutatingwebhookconfigurations', validating: 'validatingwebhookconfigurations' };
const configMaps = rowOf('', 'v1', 'configmaps');

let server: WebhookServer;
let admission: AdmissionFixture;
const made = new Map<string, keyof typeof resources>();

beforeAll(async () => {
  server = await webhookServer();
  admission = await admissionFixture({
    disable: ['ServiceAccount'],
    defaults: (row: ResourceRow, subresource: string) =>
      row.resource === 'configmaps'
        ? (object: KubeObject) => void (object['immutable'] ??= false)
        : row.resource === 'pods' && subresource === 'status'
          ? (object: KubeObject) => void (object['defaulted'] = 'as a status')
          : undefined,
  });
});
afterAll(async () => {
  admission.stop();
  await server.stop();
});
afterEach(async () => {
  for (const [name, kind] of made) await admission.remove({ group, resource: resources[kind], namespace: '', name });
  made.clear();
  server.reply = () => allow;
  server.asked.length = 0;
});

const rule = (operations: string[], resource: string, more: object = {}): object => ({
  operations,
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: [resource],
  ...more,
});

/** One configuration with one webhook, on creations of ConfigMaps unless told otherwise. */
async function webhook(kind: keyof typeof resources, name: string, more: object = {}, path = '/'): Promise<void> {
  made.set(name, kind);
  await admission.put(
    { group, resource: resources[kind] },
    {
      apiVersion: `${group}/v1`,
      kind: kind === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: `${name}.example.com`,
          rules: [rule(['CREATE'], 'configmaps')],
          clientConfig: { url: `${server.url}${path}`, caBundle: server.caBundle },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          matchPolicy: 'Equivalent',
          failurePolicy: 'Fail',
          timeoutSeconds: 5,
          ...more,
        },
      ],
    },
  );
}

const configMap = (more: Partial<Ask> = {}, object: object = {}): Ask => ({
  row: configMaps,
  name: 'c',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, ...object },
  ...more,
});

describe('what a webhook is asked', () => {
  it('is an AdmissionReview of its version about the request', async () => {
    await webhook('validating', 'v', {}, '/check');
    const user = { name: 'jane', uid: 'u-1', groups: ['dev'], extra: { scopes: ['a'] } };
    expect(await admission.ask(configMap({ user }, { data: { a: 'b' } }))).toMatchObject({ data: { a: 'b' } });
    const [asked] = server.asked;
    expect(asked?.path).toBe('/check?timeout=5s');
    expect(asked?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'kube-apiserver-admission',
      host: `127.0.0.1:${String(server.port)}`,
    });
    const configMapKind = { group: '', version: 'v1', kind: 'ConfigMap' };
    const configMapResource = { group: '', version: 'v1', resource: 'configmaps' };
    expect(asked?.review).toEqual({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        kind: configMapKind,
        resource: configMapResource,
        requestKind: configMapKind,
        requestResource: configMapResource,
        name: 'c',
        namespace: 'default',
        operation: 'CREATE',
        userInfo: { username: 'jane', uid: 'u-1', groups: ['dev'], extra: { scopes: ['a'] } },
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'c', namespace: 'default' },
          data: { a: 'b' },
        },
        oldObject: null,
        dryRun: false,
        options: null,
      },
    });
  });

  it('is told in v1beta1 where it wants that first, and may then answer with less', async () => {
    await webhook('mutating', 'm', { admissionReviewVersions: ['v2', 'v1beta1', 'v1'] });
    server.reply = ({ review }) => ({
      body: JSON.stringify({
        response: {
          allowed: true,
          patch: Buffer.from(JSON.stringify([{ op: 'add', path: '/data', value: { by: review.apiVersion } }])).toString(
            'base64',
          ),
        },
      }),
    });
    expect(await admission.ask(configMap())).toMatchObject({ data: { by: 'admission.k8s.io/v1beta1' } });
  });

  it.each([
    ['/a//b/', '/a/b?timeout=5s'],
    ['', '/?timeout=5s'],
  ])('goes to %s joined', async (path, asked) => {
    await webhook('validating', 'v', {}, path);
    await admission.ask(configMap());
    expect(server.asked[0]?.path).toBe(asked);
  });

  it('comes over a connection that is kept', async () => {
    await webhook('validating', 'v');
    await admission.ask(configMap());
    const before = server.connections();
    for (let i = 0; i < 5; i++) await admission.ask(configMap());
    expect(server.connections()).toBe(before);
    expect(server.asked).toHaveLength(6);
  });

  it('about an object of another version of the resource in the version that its rule names', async () => {
    const more = { rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['events'] }] };
    await webhook('mutating', 'm', more);
    server.reply = () => patching({ op: 'add', path: '/metadata/labels', value: { seen: 'yes' } });
    const row = rowOf('events.k8s.io', 'v1', 'events');
    const metadata = { name: 'e', namespace: 'default' };
    const object = { kind: 'Event', apiVersion: 'v1', metadata, involvedObject: {}, message: 'm', source: {} };
    expect(await admission.ask({ row, name: 'e', object })).toMatchObject({ metadata: { labels: { seen: 'yes' } } });
    const request = server.asked[0]?.review.request;
    expect(request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'Event' },
      resource: { group: '', version: 'v1', resource: 'events' },
      requestKind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
      requestResource: { group: 'events.k8s.io', version: 'v1', resource: 'events' },
      object: { apiVersion: 'v1', message: 'm' },
    });
    await webhook('mutating', 'm', { ...more, matchPolicy: 'Exact' });
    await admission.ask({ row, name: 'e', object });
    expect(server.asked).toHaveLength(1);
  });
});

describe('who is asked', () => {
  const wasAsked = async (ask: Ask): Promise<boolean> => {
    server.asked.length = 0;
    await admission.ask(ask);
    return server.asked.length > 0;
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [] },
  };
  const node = {
    row: rowOf('', 'v1', 'nodes'),
    namespace: '',
    name: 'n',
    object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } },
  };

  it.each<[string, object, Ask, boolean]>([
    ['of another operation', rule(['UPDATE'], 'configmaps'), configMap(), false],
    ['of any operation', rule(['*'], 'configmaps'), configMap(), true],
    ['of another resource', rule(['CREATE'], 'secrets'), configMap(), false],
    ['of any resource', rule(['CREATE'], '*'), configMap(), true],
    ['of another group', rule(['CREATE'], 'configmaps', { apiGroups: ['apps'] }), configMap(), false],
    ['of any group', rule(['CREATE'], 'configmaps', { apiGroups: ['*'] }), configMap(), true],
    ['of another version', rule(['CREATE'], 'configmaps', { apiVersions: ['v2'] }), configMap(), false],
    ['of the resource, not its subresources', rule(['CREATE'], 'pods'), { object: pod, subresource: 'binding' }, false],
    ['of any resource, not its subresources', rule(['CREATE'], '*'), { object: pod, subresource: 'binding' }, false],
    ['of a subresource', rule(['CREATE'], 'pods/binding'), { object: pod, subresource: 'binding' }, true],
    ['of any subresource', rule(['CREATE'], 'pods/*'), { object: pod, subresource: 'eviction' }, true],
    [
      'of a subresource of any resource',
      rule(['CREATE'], '*/eviction'),
      { object: pod, subresource: 'eviction' },
      true,
    ],
    ['of everything', rule(['CREATE'], '*/*'), { object: pod, subresource: 'eviction' }, true],
    ['of namespaces alone', rule(['CREATE'], '*', { scope: 'Cluster' }), configMap(), false],
    ['of clusters alone', rule(['CREATE'], 'nodes', { scope: 'Cluster' }), node, true],
    ['of clusters but not namespaced', rule(['CREATE'], 'nodes', { scope: 'Namespaced' }), node, false],
  ])('a rule %s', async (_, one, ask, expected) => {
    await webhook('validating', 'v', { rules: [one] });
    expect(await wasAsked(ask)).toBe(expected);
  });

  it('is chosen by labels of the namespace, of the object as it is or was', async () => {
    await admission.put(
      { group: '', resource: 'namespaces' },
      { metadata: { name: 'red', labels: { team: 'red' } }, status: { phase: 'Active' } },
    );
    const selector = { matchLabels: { team: 'red' } };
    await webhook('validating', 'v', { rules: [rule(['*'], '*')], namespaceSelector: selector });
    expect(await wasAsked(configMap())).toBe(false);
    expect(await wasAsked(configMap({ namespace: 'red' }, { metadata: { name: 'c', namespace: 'red' } }))).toBe(true);
    expect(await wasAsked(node)).toBe(true);
    const row = rowOf('', 'v1', 'namespaces');
    const namespace = (labels: object): Ask => ({
      row,
      namespace: '',
      name: 'x',
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x', labels } },
    });
    expect(await wasAsked(namespace({}))).toBe(false);
    expect(await wasAsked(namespace({ team: 'red' }))).toBe(true);
    expect(server.asked[0]?.review.request).toMatchObject({ namespace: 'x', name: 'x' });

    await webhook('validating', 'v', { rules: [rule(['*'], '*')], objectSelector: selector });
    expect(await wasAsked(configMap())).toBe(false);
    const labelled = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels: { team: 'red' } } };
    expect(await wasAsked(configMap({}, labelled))).toBe(true);
    expect(await wasAsked(configMap({ operation: 'UPDATE', oldObject: labelled }))).toBe(true);
    const deletion: Ask = { operation: 'DELETE', row: configMaps, name: 'c', oldObject: labelled };
    expect(await wasAsked(deletion)).toBe(true);
  });

  it('is chosen by conditions, of which one that fails counts only where none is false', async () => {
    const conditions = (...texts: string[]): object => ({
      matchConditions: texts.map((expression, i) => ({ name: `c${String(i)}`, expression })),
    });
    await webhook('validating', 'v', conditions("object.metadata.name == 'c'", "request.userInfo.username == 'jane'"));
    expect(await wasAsked(configMap())).toBe(true);
    await webhook('validating', 'v', conditions("object.metadata.name != 'c'", 'object.nothing.there == 1'));
    expect(await wasAsked(configMap())).toBe(false);
    await webhook('validating', 'v', conditions('true', 'object.nothing.there == 1'));
    expect(await admission.ask(configMap())).toBe(
      '403 configmaps "c" is forbidden: expression \'object.nothing.there == 1\' resulted in error: no such key: nothing',
    );
    await webhook('validating', 'v', { ...conditions('object.nothing.there == 1'), failurePolicy: 'Ignore' });
    expect(await wasAsked(configMap())).toBe(false);
  });

  it('is nobody where configurations of webhooks and policies are written', async () => {
    await webhook('validating', 'v', { rules: [{ ...rule(['*'], '*/*'), apiGroups: ['*'], apiVersions: ['*'] }] });
    server.reply = () => ({ response: { allowed: false } });
    for (const resource of ['validatingwebhookconfigurations', 'mutatingadmissionpolicybindings'])
      expect(
        await admission.ask({ row: rowOf(group, 'v1', resource), namespace: '', operation: 'DELETE', name: 'x' }),
      ).toBe('admitted');
    expect(server.asked).toEqual([]);
  });
});

describe('what a webhook answers', () => {
  const refused = (reply: object): void => {
    server.reply = () => ({ response: { allowed: false, ...reply } });
  };

  it.each<[string, object, string]>([
    ['without a word', {}, '400 admission webhook "v.example.com" denied the request without explanation'],
    [
      'with a message',
      { status: { message: 'no', code: 402 } },
      '402 admission webhook "v.example.com" denied the request: no',
    ],
    [
      'with a reason',
      { status: { reason: 'Forbidden', code: 403 } },
      '403 admission webhook "v.example.com" denied the request: Forbidden',
    ],
    [
      'as a success',
      { status: { status: 'Success', code: 200, message: 'm' } },
      '400 admission webhook "v.example.com" denied the request: m',
    ],
  ])('refuses %s', async (_, reply, expected) => {
    await webhook('validating', 'v');
    refused(reply);
    expect(await admission.ask(configMap())).toBe(expected);
  });

  it('is told as warnings, and to the audit log', async () => {
    await webhook('validating', 'v');
    const auditAnnotations = { k: 'x', 'no name': 'x', 'a/b': 'x', '': 'x' };
    server.reply = () => ({ response: { allowed: true, warnings: ['w1', 'w2'], auditAnnotations } });
    const told: string[] = [];
    const ctx = {
      warn: (text: string) => void told.push(text),
      annotate: (key: string, value: string) => void told.push(`${key}=${value}`),
    };
    await admission.ask(configMap({ ctx }));
    expect(told).toEqual(['v.example.com/k=x', 'w1', 'w2']);
  });

  const failed = (why: string): string => `500 Internal error occurred: failed calling webhook "v.example.com": ${why}`;
  it.each<[string, () => WebhookServer['reply'], string]>([
    [
      'no JSON',
      () => () => ({ body: 'hello' }),
      `failed to call webhook: couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value`,
    ],
    [
      'nothing',
      () => () => ({ body: '' }),
      `failed to call webhook: couldn't get version/kind; json parse error: unexpected end of JSON input`,
    ],
    [
      'another kind',
      () => () => ({ body: '{"kind":"Pod","apiVersion":"v1"}' }),
      'failed to call webhook: no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      'no response',
      () => () => ({ body: '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}' }),
      'received invalid webhook response: webhook response was absent',
    ],
    [
      'another version',
      () => () => ({ version: 'v1beta1', response: { allowed: true } }),
      'received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, Kind=AdmissionReview',
    ],
    [
      'a text for yes',
      () => () => ({ response: { allowed: 'yes' } }),
      'failed to call webhook: json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool',
    ],
    [
      'a patch where it only judges',
      () => () => patching({}),
      'received invalid webhook response: validating webhook may not return response.patch',
    ],
    [
      'an error page',
      () => () => ({ status: 500, body: ' broken\n' }),
      'failed to call webhook: an error on the server ("broken") has prevented the request from succeeding',
    ],
    [
      'a JSON error',
      () => () => ({ status: 503, body: '{}', contentType: 'application/json' }),
      'failed to call webhook: the server is currently unable to handle the request',
    ],
    [
      'that it is elsewhere',
      () => () => ({ status: 302, body: '' }),
      'failed to call webhook: the server responded with the status code 302 but did not return more information',
    ],
    [
      'a Status',
      () => () => ({
        status: 404,
        body: JSON.stringify({
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          message: 'gone fishing',
          code: 404,
        }),
      }),
      'failed to call webhook: gone fishing',
    ],
  ])('is refused where it is %s', async (_, reply, why) => {
    await webhook('validating', 'v');
    server.reply = reply();
    expect(await admission.ask(configMap())).toBe(failed(why));
    await webhook('validating', 'v', { failurePolicy: 'Ignore' });
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    expect(admission.warned.at(-1)).toContain(why);
  });

  it('is given after a while where it asks for one, if there is time', async () => {
    await webhook('validating', 'v', { timeoutSeconds: 2 });
    let count = 0;
    const later = (retryAfter: string, status = 429): Reply => ({ status, body: 'later', retryAfter });
    server.reply = () => (++count < 4 ? later('0', count === 2 ? 503 : 429) : allow);
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    expect(count).toBe(4);
    server.reply = () => (++count === 5 ? later('1') : allow);
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    expect(count).toBe(6);
    server.reply = () => later('60');
    expect(await admission.ask(configMap())).toBe(failed('failed to call webhook: context deadline exceeded'));
    count = 0;
    server.reply = () => (count++, later('0'));
    expect(await admission.ask(configMap())).toBe(
      failed('failed to call webhook: the server has received too many requests and has asked us to try again later'),
    );
    expect(count).toBe(11);
    count = 0;
    server.reply = () => (count++, later('soon'));
    await admission.ask(configMap());
    server.reply = () => (count++, later('0', 404));
    await admission.ask(configMap());
    expect(count).toBe(2);
  });

  it('is refused where it is too deep or too long, and nobody is harmed', async () => {
    await webhook('mutating', 'v');
    const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    server.reply = () => ({ body: `{"x":${deep(200_000)}}` });
    expect(await admission.ask(configMap())).toBe(
      failed("failed to call webhook: couldn't get version/kind; json parse error: exceeded max depth"),
    );
    const patch = Buffer.from(`[{"op":"add","path":"/data","value":${deep(200_000)}}]`).toString('base64');
    server.reply = () => ({ response: { allowed: true, patchType: 'JSONPatch', patch } });
    expect(await admission.ask(configMap())).toBe(
      failed('received undecodable patch in webhook response: exceeded max depth'),
    );
    server.reply = () => ({ body: ' '.repeat(17 * 1024 * 1024) });
    expect(await admission.ask(configMap())).toContain('the answer is too large');
  });

  it('is for another request where its uid is another', async () => {
    await webhook('validating', 'v');
    server.reply = () => ({ response: { uid: 'other', allowed: true } });
    const refusal = await admission.ask(configMap());
    expect(refusal).toBe(
      failed(
        `received invalid webhook response: expected response.uid="${server.asked[0]?.review.request.uid ?? ''}", got "other"`,
      ),
    );
  });
});

describe('a webhook that cannot be reached', () => {
  const failed = (why: RegExp | string): unknown =>
    expect.stringMatching(
      new RegExp(
        `^500 Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: Post "https://[^"]+\\?timeout=[0-9]+s": ${typeof why === 'string' ? why : why.source}$`,
      ),
    );

  it('is named with the reason that Go gives', async () => {
    await webhook('validating', 'v', { clientConfig: { url: 'https://127.0.0.1:1/', caBundle: server.caBundle } });
    expect(await admission.ask(configMap())).toEqual(failed('dial tcp 127.0.0.1:1: connect: connection refused'));
    await webhook('validating', 'v', { clientConfig: { url: server.url } });
    expect(await admission.ask(configMap())).toEqual(
      failed('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    );
    await webhook('validating', 'v', {
      clientConfig: { url: `https://localhost:${String(server.port)}`, caBundle: server.caBundle },
    });
    expect(await admission.ask(configMap())).toEqual(
      failed(
        /tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match localhost/,
      ),
    );
  });

  it('is given no more than its time, and the request no more than its own', async () => {
    await webhook('validating', 'v', { timeoutSeconds: 1 });
    server.reply = () => 'never';
    expect(await admission.ask(configMap())).toEqual(failed('context deadline exceeded'));
    await webhook('validating', 'v', { timeoutSeconds: 1, failurePolicy: 'Ignore' });
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    await webhook('validating', 'v', { timeoutSeconds: 30, failurePolicy: 'Ignore' });
    expect(await admission.ask(configMap({ timeoutMs: 200 }))).toBe(
      '504 Timeout: request did not complete within requested timeout - context deadline exceeded',
    );
  });

  it('is not asked for what will not happen, if that has effects', async () => {
    await webhook('validating', 'v', { sideEffects: 'Some', failurePolicy: 'Ignore' });
    expect(await admission.ask(configMap({ dryRun: true }))).toBe(
      '400 admission webhook "v.example.com" does not support dry run',
    );
    await webhook('validating', 'v', { sideEffects: 'NoneOnDryRun' });
    expect(await admission.ask(configMap({ dryRun: true }))).toMatchObject({ kind: 'ConfigMap' });
    expect(server.asked.map(({ review }) => review.request['dryRun'])).toEqual([true]);
  });

  it('behind a Service is one of its ready endpoints', async () => {
    const named = await webhookServer({ dnsNames: ['hook.web.svc'], ipAddresses: [] });
    const service = { namespace: 'web', name: 'hook', port: 443, path: '/x' };
    await webhook('validating', 'v', { clientConfig: { service, caBundle: named.caBundle } });
    const failing = (why: string): string =>
      `500 Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: Post "https://hook.web.svc:443/x?timeout=5s": ${why}`;
    expect(await admission.ask(configMap())).toBe(failing('services "hook" not found'));
    await admission.put(
      { group: '', resource: 'services' },
      {
        metadata: { namespace: 'web', name: 'hook' },
        spec: { type: 'ClusterIP', ports: [{ name: 'https', port: 443 }] },
      },
    );
    expect(await admission.ask(configMap())).toBe(failing('no endpoints available for service "hook"'));
    const endpoints = [
      { addresses: ['127.0.0.1'], conditions: { ready: true } },
      { addresses: ['192.0.2.1'], conditions: { ready: false } },
    ];
    await admission.put(
      { group: 'discovery.k8s.io', resource: 'endpointslices' },
      {
        metadata: { namespace: 'web', name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
        endpoints,
        ports: [{ name: 'https', port: named.port }],
      },
    );
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    expect(named.asked[0]?.headers['host']).toBe('hook.web.svc:443');
    await named.stop();
  });
});

describe('webhooks that change objects', () => {
  it('are asked in the order of their configurations, each after the changes of those before it, and defaults are set again', async () => {
    await webhook('mutating', 'b', {}, '/b');
    await webhook('mutating', 'a', {}, '/a');
    server.reply = ({ path }) => patching({ op: 'add', path: `/data/${path.slice(1, 2)}`, value: 'x' });
    const admitted = await admission.ask(configMap({}, { data: {} }));
    expect(admitted).toMatchObject({ data: { a: 'x', b: 'x' }, immutable: false });
    expect(
      server.asked.map(({ path, review }) => [path.slice(0, 2), (review.request['object'] as KubeObject)['data']]),
    ).toEqual([
      ['/a', {}],
      ['/b', { a: 'x' }],
    ]);
  });

  it('have the defaults of the subresource set again', async () => {
    await webhook('mutating', 'a', { rules: [rule(['UPDATE'], 'pods/status')] });
    server.reply = () => patching({ op: 'add', path: '/metadata/labels', value: { a: 'x' } });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: {}, status: {} };
    const row = rowOf('', 'v1', 'pods');
    expect(
      await admission.ask({ row, operation: 'UPDATE', subresource: 'status', object: pod, oldObject: pod }),
    ).toMatchObject({ metadata: { labels: { a: 'x' } }, defaulted: 'as a status' });
  });

  it('are asked once more where they wish it and something changed after them', async () => {
    await webhook('mutating', 'a', { reinvocationPolicy: 'IfNeeded' }, '/a');
    await webhook('mutating', 'b', { reinvocationPolicy: 'Never' }, '/b');
    server.reply = ({ path }) =>
      path.startsWith('/b') ? patching({ op: 'add', path: '/data', value: { b: 'x' } }) : allow;
    await admission.ask(configMap());
    expect(server.asked.map(({ path }) => path.slice(0, 2))).toEqual(['/a', '/b', '/a']);
    server.asked.length = 0;
    server.reply = () => allow;
    await admission.ask(configMap());
    expect(server.asked.map(({ path }) => path.slice(0, 2))).toEqual(['/a', '/b']);
  });

  const broken = (why: string): string => `500 Internal error occurred: ${why}`;
  const calling = (why: string): string => broken(`failed calling webhook "m.example.com": ${why}`);
  it.each<[string, object, string]>([
    [
      'a patch that is no list',
      { patch: '{}' },
      calling(
        'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
      ),
    ],
    [
      'a patch of nobody knows what',
      { patch: '[{"op":"add","path":"/data/x/y","value":1}]' },
      broken('add operation does not apply: doc is missing path: "/data/x/y": missing value'),
    ],
    [
      'a patch that takes away what is not there',
      { patch: '[{"op":"remove","path":"/data"}]' },
      broken("error in remove for path: '/data': Unable to remove nonexistent key: data: missing value"),
    ],
    [
      'a test that fails',
      { patch: '[{"op":"test","path":"/kind","value":"Pod"}]' },
      broken('testing value /kind failed: test failed'),
    ],
    ['a field of another type', { patch: '[{"op":"add","path":"/data","value":7}]' }, broken('')],
    [
      'a patch without its type',
      { patch: '[]', patchType: undefined },
      calling('received invalid webhook response: webhook returned response.patch but not response.patchType'),
    ],
    [
      'a patch of another type',
      { patch: '[{"op":"add","path":"/data","value":{}}]', patchType: 'MergePatch' },
      calling('unsupported patch type "MergePatch"'),
    ],
    [
      'a type without its patch',
      { patch: '' },
      calling('received invalid webhook response: webhook returned response.patchType but not response.patch'),
    ],
  ])('cannot answer with %s', async (_, { patch, ...more }: { patch?: string }, expected) => {
    await webhook('mutating', 'm');
    server.reply = () => ({
      response: { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(patch ?? '').toString('base64'), ...more },
    });
    expect(await admission.ask(configMap())).toEqual(expect.stringContaining(expected));
  });

  it('cannot change what is deleted, nor smuggle a prototype in', async () => {
    await webhook('mutating', 'm', { rules: [rule(['*'], 'configmaps')] });
    server.reply = () => patching({ op: 'add', path: '/data', value: {} });
    const deletion: Ask = {
      operation: 'DELETE',
      row: configMaps,
      name: 'c',
      oldObject: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } },
    };
    expect(await admission.ask(deletion)).toBe(
      broken(
        'admission webhook "m.example.com" attempted to modify the object, which is not supported for this operation',
      ),
    );
    server.reply = () => patching({ op: 'add', path: '/data', value: JSON.parse('{"__proto__":"x"}') as object });
    const admitted = (await admission.ask(configMap())) as KubeObject;
    expect(Object.getOwnPropertyNames(admitted['data'])).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('see and give numbers with all their digits', async () => {
    const more = { rules: [rule(['CREATE'], 'jobs', { apiGroups: ['batch'] })] };
    await webhook('mutating', 'm', more);
    const big = 9007199254740993n;
    const text = `[{"op":"add","path":"/spec/ttlSecondsAfterFinished","value":5},{"op":"add","path":"/spec/activeDeadlineSeconds","value":${String(big)}}]`;
    server.reply = () => ({
      response: { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(text).toString('base64') },
    });
    const spec = { template: { spec: { containers: [], activeDeadlineSeconds: big } } };
    const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'default' }, spec };
    const admitted = (await admission.ask({ row: rowOf('batch', 'v1', 'jobs'), name: 'j', object })) as KubeObject;
    expect(admitted['spec']).toMatchObject({
      activeDeadlineSeconds: big,
      template: { spec: { activeDeadlineSeconds: big } },
    });
  });

  it('drop what the type does not have', async () => {
    await webhook('mutating', 'm');
    server.reply = () => patching({ op: 'add', path: '/bogus', value: 1 });
    expect(await admission.ask(configMap())).not.toHaveProperty('bogus');
  });

  it('are told to the audit log by their place among all, as they came', async () => {
    await webhook('mutating', 'a', { rules: [rule(['CREATE'], 'secrets')] });
    await webhook('mutating', 'm');
    const patch = Buffer.from('[{"value": {"a": "<b>"}, "path": "/data", "op": "add"}]').toString('base64');
    server.reply = () => ({ response: { allowed: true, patchType: 'JSONPatch', patch } });
    const told: string[] = [];
    await admission.ask(configMap({ ctx: { annotate: (key, value) => void told.push(`${key} ${value}`) } }));
    expect(told).toEqual([
      String.raw`patch.webhook.admission.k8s.io/round_0_index_1 {"configuration":"m","webhook":"m.example.com","patch":[{"op":"add","path":"/data","value":{"a":"\u003cb\u003e"}}],"patchType":"JSONPatch"}`,
      'mutation.webhook.admission.k8s.io/round_0_index_1 {"configuration":"m","webhook":"m.example.com","mutated":true}',
    ]);
  });

  it('are told to the audit log', async () => {
    await webhook('mutating', 'm');
    server.reply = () => patching({ op: 'add', path: '/data', value: { a: 'b' } });
    const told: unknown[] = [];
    const ctx = {
      annotate: (key: string, value: string, level?: string) => void told.push([key, JSON.parse(value), level]),
    };
    await admission.ask(configMap({ ctx }));
    const by = { configuration: 'm', webhook: 'm.example.com' };
    expect(told).toEqual([
      [
        'patch.webhook.admission.k8s.io/round_0_index_0',
        { ...by, patch: [{ op: 'add', path: '/data', value: { a: 'b' } }], patchType: 'JSONPatch' },
        'Request',
      ],
      ['mutation.webhook.admission.k8s.io/round_0_index_0', { ...by, mutated: true }, undefined],
    ]);
  });
});

describe('webhooks that judge', () => {
  it('are asked all at once', async () => {
    for (const name of ['a', 'b', 'c']) await webhook('validating', name, {}, `/${name}`);
    let waiting = 0;
    let release: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (release = resolve));
    server.reply = async () => {
      waiting++;
      if (waiting === 3) release();
      await all;
      return allow;
    };
    expect(await admission.ask(configMap())).toMatchObject({ kind: 'ConfigMap' });
    expect(waiting).toBe(3);
  });
});
