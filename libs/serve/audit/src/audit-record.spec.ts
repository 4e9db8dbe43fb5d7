import { type Logger, MetricsRegistry, fakeClock, silentLogger } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import type { AuditPolicy, PolicyRule } from './audit-policy';
import type { AuditRecord, AuditedRequest } from './audit-record';
import { Auditor } from './auditor';
import type { AuditedInfo } from './evaluate-policy';
import { memoryBackend } from './testing/memory-backend.suite';

const user = { name: 'jane', uid: '7', groups: ['devs'], extra: { scopes: ['a', 'b'] } };
const info: AuditedInfo = {
  isResource: true,
  path: '/api/v1/namespaces/default/configmaps',
  verb: 'create',
  group: '',
  version: 'v1',
  namespace: 'default',
  resource: 'configmaps',
  subresource: '',
  name: '',
};
const managed = { managedFields: [{ manager: 'x' }] };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', uid: 'u', ...managed }, data: { k: 'v' } };

function setup(rule: Partial<PolicyRule> = {}, more: Partial<AuditPolicy> = {}, isLegacyAsked = false) {
  const backend = memoryBackend();
  const metrics = new MetricsRegistry();
  const auditor = new Auditor({
    policy: { rules: [{ level: 'Metadata', ...rule }], ...more },
    sinks: [{ backend, isStrict: false }],
    isLegacyAsked,
    metrics,
    monotonic: fakeClock(),
    logger: silentLogger,
  });
  const begin = (request: Partial<AuditedRequest> = {}): AuditRecord => {
    const record = auditor.begin(request.user ?? user, request.info ?? info, () => ({
      id: 'id-1',
      user,
      info,
      uri: '/api/v1/namespaces/default/configmaps?fieldManager="x"',
      userAgent: 'kubectl/v1',
      sourceIps: ['10.0.0.1'],
      receivedMs: Date.UTC(2026, 0, 2, 3, 4, 5) + 6.25,
      elapsedMs: () => 2.5,
      isLongRunning: false,
      ...request,
    }));
    if (record === undefined) throw new Error('not audited');
    return record;
  };
  return { backend, metrics, auditor, begin };
}

const common = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: 'id-1',
  requestURI: '/api/v1/namespaces/default/configmaps?fieldManager="x"',
  verb: 'create',
  user: { username: 'jane', uid: '7', groups: ['devs'], extra: { scopes: ['a', 'b'] } },
  sourceIPs: ['10.0.0.1'],
  userAgent: 'kubectl/v1',
  requestReceivedTimestamp: '2026-01-02T03:04:05.006250Z',
};

describe('the events of a request', () => {
  it('tell who asked for what, and what became of it', () => {
    const { backend, begin } = setup();
    const record = begin();
    void record.received();
    record.requestObject(object);
    record.annotate('b', '2');
    record.annotate('a', '1');
    record.annotate('a', 'other');
    record.annotate('patch', 'x', 'Request');
    record.completed(201);
    const objectRef = { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' };
    expect(backend.events).toEqual([
      { ...common, stage: 'RequestReceived', objectRef, stageTimestamp: '2026-01-02T03:04:05.006250Z' },
      {
        ...common,
        stage: 'ResponseComplete',
        objectRef: { ...objectRef, name: 'a', uid: 'u' },
        responseStatus: { metadata: {}, code: 201 },
        stageTimestamp: '2026-01-02T03:04:05.008750Z',
        annotations: { a: '1', b: '2' },
      },
    ]);
    expect(Object.keys(backend.events[1] ?? {})).toEqual([
      'kind',
      'apiVersion',
      'level',
      'auditID',
      'stage',
      'requestURI',
      'verb',
      'user',
      'sourceIPs',
      'userAgent',
      'objectRef',
      'responseStatus',
      'requestReceivedTimestamp',
      'stageTimestamp',
      'annotations',
    ]);
  });

  it('have no objects at level Metadata, the request at Request, both at RequestResponse', () => {
    const objectsAt = (level: PolicyRule['level']): unknown[] => {
      const { backend, begin } = setup({ level });
      const record = begin();
      record.requestObject(object);
      record.responseBytes(Buffer.from(`${JSON.stringify(object)}\n`));
      record.completed(201);
      return [backend.events[0]?.['requestObject'], backend.events[0]?.['responseObject']];
    };
    expect(objectsAt('Metadata')).toEqual([undefined, undefined]);
    expect(objectsAt('Request')).toEqual([object, undefined]);
    expect(objectsAt('RequestResponse')).toEqual([object, object]);
  });

  it('leave managed fields out where the policy says so, also of lists and tables', () => {
    const responseOf = (document: object): unknown => {
      const { backend, begin } = setup({ level: 'RequestResponse', omitManagedFields: true });
      const record = begin();
      record.requestObject(object);
      record.responseBytes(Buffer.from(JSON.stringify(document)));
      record.completed(200);
      expect(JSON.stringify(backend.events)).not.toContain('managedFields');
      return backend.events[0]?.['responseObject'];
    };
    const bare = { ...object, metadata: { name: 'a', uid: 'u' } };
    expect(responseOf({ kind: 'List', metadata: {}, items: [object] })).toEqual({
      kind: 'List',
      metadata: {},
      items: [bare],
    });
    expect(responseOf({ kind: 'Table', rows: [{ cells: [1], object }, { cells: [] }] })).toEqual({
      kind: 'Table',
      rows: [{ cells: [1], object: bare }, { cells: [] }],
    });
    expect(object.metadata.managedFields).toHaveLength(1);
  });

  it('hold answers of resources and of discovery only', () => {
    const kept = (path: string): boolean => {
      const { backend, begin } = setup({ level: 'RequestResponse' });
      const record = begin({ info: { ...info, isResource: false, path } });
      record.responseBytes(Buffer.from('{"kind":"x"}'));
      record.completed(200);
      return backend.events[0]?.['responseObject'] !== undefined;
    };
    expect(['/api', '/apis/apps', '/apis/', '/openapi/v3', '/apiserver', '/version'].filter(kept)).toEqual([
      '/api',
      '/apis/apps',
      '/apis/',
    ]);
  });

  it('keep a patch as it was sent', () => {
    const { backend, begin } = setup({ level: 'Request' });
    const record = begin();
    record.requestPatch([{ op: 'remove', path: '/data' }]);
    record.completed(200);
    expect(backend.events[0]?.['requestObject']).toEqual([{ op: 'remove', path: '/data' }]);
  });

  it('tell the Status of a refusal at every level', () => {
    const { backend, begin } = setup();
    const record = begin();
    const details = { name: 'a', kind: 'configmaps' };
    const status = {
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: 'no',
      reason: 'NotFound',
      details,
      code: 404,
    };
    record.responseDocument(status);
    record.completed(404);
    expect(backend.events[0]?.['responseStatus']).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'no',
      reason: 'NotFound',
      details,
      code: 404,
    });
  });

  it('do not take an object with a status for a Status', () => {
    const { backend, begin } = setup();
    const record = begin();
    record.responseDocument({ kind: 'Pod', status: { phase: 'Failed' } });
    record.completed(200);
    expect(backend.events[0]?.['responseStatus']).toEqual({ metadata: {}, code: 200 });
  });

  it('of a watch are three: it came, it was answered, it ended', () => {
    const { backend, begin } = setup();
    const record = begin({ isLongRunning: true });
    void record.received();
    record.started(200);
    record.started(200);
    record.completed(200);
    record.completed(200);
    expect(backend.events.map(({ stage }) => stage)).toEqual([
      'RequestReceived',
      'ResponseStarted',
      'ResponseComplete',
    ]);
  });

  it('say of a peer that left without an answer that it did', () => {
    const { backend, begin } = setup();
    begin().completed(0);
    expect(backend.events[0]?.['responseStatus']).toEqual({
      metadata: {},
      status: 'Success',
      message: 'Connection closed early',
      code: 200,
    });
  });

  it('end with Panic where the server failed by its own fault', () => {
    const { backend, begin } = setup();
    const record = begin();
    record.panicked('x is undefined');
    record.completed(500);
    expect(backend.events.map(({ stage, responseStatus }) => [stage, responseStatus])).toEqual([
      [
        'Panic',
        {
          metadata: {},
          status: 'Failure',
          message: "APIServer panic'd: x is undefined",
          reason: 'InternalError',
          code: 500,
        },
      ],
    ]);
  });

  it('are left out by stage', () => {
    const { backend, begin } = setup({ omitStages: ['RequestReceived'] }, { omitStages: ['ResponseStarted'] });
    const record = begin({ isLongRunning: true });
    expect(record.received()).toBe(true);
    record.started(200);
    record.completed(200);
    expect(backend.events.map(({ stage }) => stage)).toEqual(['ResponseComplete']);
  });

  it('show both users of an impersonation', () => {
    const { backend, begin } = setup();
    const record = begin();
    record.impersonated({ name: 'ann', groups: ['ops'] }, 'impersonate:user-info');
    record.completed(200);
    expect(backend.events[0]).toMatchObject({
      authenticationMetadata: { impersonationConstraint: 'impersonate:user-info' },
      user: { username: 'jane' },
      impersonatedUser: { username: 'ann', groups: ['ops'] },
    });
  });

  it('cut a user agent that is too long, and survive any text', () => {
    const { backend, begin } = setup();
    begin({ userAgent: `"\\\u2028${'x'.repeat(2000)}`, uri: '/"\n</script>', id: 'a"b' }).completed(200);
    const [event] = backend.events;
    expect(event).toMatchObject({ auditID: 'a"b', requestURI: '/"\n</script>' });
    expect(event?.['userAgent']).toHaveLength(1024 + '...TRUNCATED'.length);
  });

  it('are one line each in the old format', () => {
    const { backend, begin } = setup({}, {}, true);
    const record = begin();
    void record.received();
    record.impersonated({ name: 'ann', groups: ['x', 'y'] });
    record.completed(201);
    const lines = backend.batches.flat().map(({ legacy }) => legacy);
    expect(lines).toEqual([
      '2026-01-02T03:04:05.00625Z AUDIT: id="id-1" stage="RequestReceived" ip="10.0.0.1" method="create" user="jane" groups="\\"devs\\"" as="<self>" asgroups="<lookup>" user-agent="kubectl/v1" namespace="default" uri="/api/v1/namespaces/default/configmaps?fieldManager=\\"x\\"" response="<deferred>"\n',
      '2026-01-02T03:04:05.00625Z AUDIT: id="id-1" stage="ResponseComplete" ip="10.0.0.1" method="create" user="jane" groups="\\"devs\\"" as="ann" asgroups="\\"x\\",\\"y\\"" user-agent="kubectl/v1" namespace="default" uri="/api/v1/namespaces/default/configmaps?fieldManager=\\"x\\"" response="201"\n',
    ]);
    const cluster = setup({}, {}, true);
    cluster.begin({ info: { ...info, namespace: '' }, sourceIps: [], user: { name: '', groups: [] } }).completed(200);
    expect(cluster.backend.batches[0]?.[0]?.legacy).toMatch(
      /ip="<unknown>" .* user="<none>" groups="<none>" .* namespace="<none>"/,
    );
  });
});

describe('an auditor', () => {
  it('makes nothing at level None, and counts levels', () => {
    const { auditor, metrics, backend } = setup({ level: 'None' });
    const record = auditor.begin(user, info, () => {
      throw new Error('asked for');
    });
    expect([record, backend.events]).toEqual([undefined, []]);
    expect(metrics.render()).toContain('apiserver_audit_level_total{level="None"} 1\n');
  });
  it('lets a request go on when a backend fails, unless it is strict; both are counted', async () => {
    const lenient = setup();
    lenient.backend.refusal = new Error('full');
    expect(await lenient.begin().received()).toBe(true);
    expect(lenient.metrics.render()).toContain('apiserver_audit_error_total{plugin="memory"} 1\n');
    const backend = memoryBackend();
    backend.refusal = new Error('full');
    const strict = new Auditor({
      policy: { rules: [{ level: 'Metadata' }] },
      sinks: [
        { backend: memoryBackend(), isStrict: false },
        { backend, isStrict: true },
      ],
      isLegacyAsked: false,
      metrics: new MetricsRegistry(),
      monotonic: fakeClock(),
      logger: silentLogger,
    });
    expect(await strict.process({ body: '"x":1}', short: undefined, legacy: '' })).toBe(false);
    await strict.stop();
    expect(backend.isStopped).toBe(true);
  });
  it('tells of losses now and then, not of each', async () => {
    const told: unknown[] = [];
    const clock = fakeClock();
    const backend = memoryBackend();
    backend.refusal = new Error('full');
    const logger: Logger = { ...silentLogger, error: (_, fields) => told.push(fields?.['count']) };
    const metrics = new MetricsRegistry();
    const auditor = new Auditor({
      policy: { rules: [{ level: 'Metadata' }] },
      sinks: [{ backend, isStrict: false }],
      isLegacyAsked: false,
      metrics,
      monotonic: clock,
      logger,
    });
    const lose = () => auditor.process({ body: '"x":1}', short: undefined, legacy: '' });
    for (let i = 0; i < 3; i++) await lose();
    await clock.advance(5000);
    await lose();
    expect(told).toEqual([1, 3]);
    expect(metrics.render()).toContain('apiserver_audit_error_total{plugin="memory"} 4\n');
  });
});
