import { statusErrors } from '@reckon/api/machinery';
import { MetricsRegistry, silentLogger, systemClock } from '@reckon/kernel';
import { type AuditBackend, type AuditPolicy, Auditor, eventLine } from '@reckon/serve/audit';
import type { Revision } from '@reckon/store/contract';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, type Ask, type TestServer, startTestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/rec/configmaps';
const policy: AuditPolicy = {
  rules: [
    { level: 'None', resources: [{ group: '', resources: ['events'] }] },
    { level: 'Metadata', resources: [{ group: '', resources: ['secrets'] }] },
    { level: 'Request', verbs: ['patch', 'delete'] },
    { level: 'RequestResponse', omitStages: ['RequestReceived'], users: ['admin'] },
    { level: 'Metadata' },
  ],
};

interface Event {
  readonly level: string;
  readonly stage: string;
  readonly auditID: string;
  readonly user: { readonly username?: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: Record<string, string>;
  readonly responseStatus?: { readonly code: number; readonly message?: string; readonly reason?: string };
  readonly requestObject?: Record<string, unknown>;
  readonly responseObject?: { readonly kind: string; readonly metadata?: Record<string, unknown> };
  readonly annotations?: Record<string, string>;
  readonly sourceIPs: readonly string[];
  readonly verb: string;
}

let server: TestServer;
let events: Event[];
let refusal: Error | undefined;
let text: string;

beforeEach(async () => {
  events = [];
  text = '';
  refusal = undefined;
  const backend: AuditBackend = {
    name: 'memory',
    process(batch) {
      if (refusal !== undefined) return Promise.reject(refusal);
      for (const event of batch) {
        text += eventLine(event);
        events.push(JSON.parse(eventLine(event)) as Event);
      }
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
  server = await startTestServer({
    audit: new Auditor({
      policy,
      sinks: [{ backend, isStrict: true }],
      isLegacyAsked: false,
      metrics: new MetricsRegistry(),
      monotonic: systemClock,
      logger: silentLogger,
    }),
    authenticate: ({ authorization, annotate }) => {
      const name = authorization.replace('Bearer ', '');
      if (name === 'bad') annotate?.('authentication.k8s.io/why', 'retired');
      if (name === 'bad') throw statusErrors.unauthorized();
      if (name === 'broken') throw new Error('database on fire');
      if (name === 'slow') return pause(550).then(() => ({ user: { name, groups: [] } }));
      return { user: { name, groups: ['system:authenticated'] }, audit: { 'authentication.k8s.io/known': name } };
    },
    authorize: ({ user, verb }) =>
      user.name === 'admin' || verb === 'impersonate'
        ? { allowed: true, reason: 'RBAC: allowed' }
        : { allowed: false, reason: '' },
    connect: (_, subresource) =>
      subresource === 'log'
        ? async ({ response }) => {
            response?.writeHead(200, { 'Content-Type': 'text/plain' });
            response?.write('one\n');
            await vi.waitFor(() => {
              expect(events.at(-1)?.stage).toBe('ResponseStarted');
            });
            response?.end('two\n');
          }
        : undefined,
    admission: {
      admit: ({ object, ctx }) => {
        if (object?.metadata.name === 'panic') throw new TypeError('x is undefined');
        ctx.annotate?.('pod-security.kubernetes.io/enforce-policy', 'baseline:latest');
        ctx.annotate?.('patch.webhook.admission.k8s.io/round_0_index_0', 'p', 'Request');
      },
      validate: () => undefined,
    },
  });
});
afterEach(() => server.close());

const as = (user: string, path: string, ask: Ask = {}): Promise<Answer> =>
  server.ask(path, { ...ask, headers: { Authorization: `Bearer ${user}`, ...ask.headers } });
const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { secret: 'word' } });
/** The last event of a request comes when its answer is out. */
const ended = async (stage = 'ResponseComplete'): Promise<Event> => {
  await vi.waitFor(() => {
    expect(events.at(-1)?.stage).toBe(stage);
  });
  return events.at(-1) as Event;
};

describe('what is written down of a request', () => {
  it('says where the time of a slow one went', async () => {
    await as('slow', '/version');
    const { annotations } = await ended();
    expect(annotations).toMatchObject({
      'apiserver.latency.k8s.io/authentication': expect.stringMatching(/^5\d\d\.\d+ms$/),
      'apiserver.latency.k8s.io/total': expect.stringMatching(/^5\d\d\.\d+ms$/),
    });
  });

  it('has the id of its answer, and of its log entry', async () => {
    const answer = await as('admin', maps, { method: 'POST', json: map('a') });
    const event = await ended();
    expect(event.auditID).toBe(answer.headers['audit-id']);
    const requests: string[] = [];
    for await (const chunk of server.log.read({ after: 0 as Revision }))
      requests.push(...chunk.map(({ request }) => request));
    expect(requests).toContain(event.auditID);
  });

  it('holds request and answer at level RequestResponse, and what the steps on the way say', async () => {
    await as('admin', maps, { method: 'POST', json: map('a') });
    expect(await ended()).toMatchObject({
      level: 'RequestResponse',
      verb: 'create',
      user: { username: 'admin' },
      sourceIPs: ['127.0.0.1'],
      objectRef: { resource: 'configmaps', namespace: 'rec', name: 'a', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestObject: { kind: 'ConfigMap', metadata: { name: 'a' }, data: { secret: 'word' } },
      responseObject: { kind: 'ConfigMap', metadata: { resourceVersion: expect.any(String) as string } },
      annotations: {
        'authentication.k8s.io/known': 'admin',
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': 'RBAC: allowed',
        'patch.webhook.admission.k8s.io/round_0_index_0': 'p',
        'pod-security.kubernetes.io/enforce-policy': 'baseline:latest',
      },
    });
    expect(events).toHaveLength(1);
  });

  it('holds answers of every form as JSON', async () => {
    await as('admin', maps, { method: 'POST', json: map('a') });
    const answered = async (accept: string, path = maps): Promise<unknown> => {
      await ended();
      events.length = 0;
      await as('admin', path, { headers: { Accept: accept } });
      return (await ended()).responseObject?.kind;
    };
    expect(await answered('application/json')).toBe('ConfigMapList');
    expect(await answered('application/vnd.kubernetes.protobuf')).toBe('ConfigMapList');
    expect(await answered('application/vnd.kubernetes.protobuf', `${maps}/a`)).toBe('ConfigMap');
    expect(await answered('application/yaml', `${maps}/a`)).toBe('ConfigMap');
    expect(await answered('application/json;as=Table;g=meta.k8s.io;v=v1')).toBe('Table');
    expect(await answered('application/json', `${maps}/none`)).toBe('Status');
  });

  it('holds nothing of a Secret at level Metadata, but its name', async () => {
    await as('admin', '/api/v1/namespaces/rec/secrets', {
      method: 'POST',
      json: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password: 'hunter2' } },
    });
    const event = await ended();
    await as('admin', '/api/v1/namespaces/rec/secrets/s');
    await vi.waitFor(() => {
      expect(events).toHaveLength(4);
    });
    expect(event.objectRef).toMatchObject({ resource: 'secrets', name: 's' });
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(Buffer.from('hunter2').toString('base64'));
    expect(text).not.toContain('round_0_index_0');
  });

  it('is nothing at level None', async () => {
    await as('admin', '/api/v1/namespaces/rec/events');
    await as('admin', maps);
    await ended();
    expect(events).toHaveLength(1);
  });

  it('holds the patch, and the options of a delete', async () => {
    await as('admin', maps, { method: 'POST', json: map('a') });
    await ended();
    await as('admin', `${maps}/a`, {
      method: 'PATCH',
      body: '{"data":{"x":"y"}}',
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    await vi.waitFor(() => {
      expect(events.at(-1)).toMatchObject({
        verb: 'patch',
        stage: 'ResponseComplete',
        requestObject: { data: { x: 'y' } },
      });
    });
    await as('admin', `${maps}/a`, {
      method: 'DELETE',
      json: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 },
    });
    await vi.waitFor(() => {
      expect(events.at(-1)).toMatchObject({ verb: 'delete', stage: 'ResponseComplete' });
    });
    expect(events.at(-1)).toMatchObject({
      requestObject: { gracePeriodSeconds: 0 },
      responseStatus: { status: 'Success', code: 200 },
    });
    expect(events.at(-1)?.responseObject).toBeUndefined();
  });

  it('shows who really came, and as whom', async () => {
    await as('jane', maps, { headers: { 'Impersonate-User': 'admin' } });
    expect(await ended()).toMatchObject({ user: { username: 'jane' }, impersonatedUser: { username: 'admin' } });
  });

  it('shows refusals with their reason', async () => {
    await as('jane', maps);
    expect(await ended()).toMatchObject({
      responseStatus: { code: 403, reason: 'Forbidden', status: 'Failure' },
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    });
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
  });

  it('shows a credential that was refused, of nobody', async () => {
    await as('bad', maps);
    expect(await ended('ResponseStarted')).toMatchObject({
      user: {},
      responseStatus: { metadata: {}, message: 'Authentication failed, attempted: bearer', code: 401 },
      annotations: { 'authentication.k8s.io/why': 'retired' },
    });
    expect(text).not.toContain('Bearer');
    expect(events).toHaveLength(1);
  });

  it('shows a request that was refused before anybody was asked who sends it', async () => {
    expect((await as('bad', `${maps}?timeout=soon`)).status).toBe(400);
    expect(await ended('ResponseStarted')).toMatchObject({
      user: {},
      requestURI: `${maps}?timeout=soon`,
      responseStatus: {
        message: 'invalid timeout specified in the request URL - time: invalid duration "soon"',
        code: 400,
      },
    });
    expect(events).toHaveLength(1);
  });

  it('ends with Panic where the server is at fault', async () => {
    expect((await as('admin', maps, { method: 'POST', json: map('panic') })).status).toBe(500);
    expect(await ended('Panic')).toMatchObject({
      responseStatus: { code: 500, message: "APIServer panic'd: x is undefined", reason: 'InternalError' },
    });
  });

  it('of a watch begins when it is open and ends when it ends', async () => {
    const watching = as('jane', `${maps}?watch=1`, { headers: { 'Impersonate-User': 'admin' } });
    await ended('ResponseStarted');
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted']);
    await server.server.stop();
    await watching;
    expect((await ended()).responseStatus).toMatchObject({ code: 200 });
  });

  it('of a log that is followed begins when it is sent', async () => {
    const answer = await as('jane', '/api/v1/namespaces/rec/pods/p/log?follow=1', {
      headers: { 'Impersonate-User': 'admin' },
    });
    expect(answer.text).toBe('one\ntwo\n');
    expect((await ended()).responseStatus).toEqual({ metadata: {}, code: 200 });
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
  });

  it('must be written before anything is done, where the policy is strict', async () => {
    refusal = new Error('disk full');
    const answer = await as('jane', '/api/v1/namespaces/rec/secrets', { headers: { 'Impersonate-User': 'admin' } });
    expect([answer.status, answer.json()['message']]).toEqual([
      500,
      'Internal error occurred: failed to store audit event',
    ]);
  });

  it.each([
    ['GET', '/at/bogus', 400],
    ['DELETE', '/at/5', 405],
  ])('writes down a journey that leads nowhere: %s %s', async (method, prefix, code) => {
    const answer = await server.ask(`${prefix}${maps}/a`, { method, headers: { Authorization: 'Bearer admin' } });
    expect([answer.status, answer.headers['audit-id']]).toEqual([code, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    await vi.waitFor(() =>
      expect(events.at(-1)).toMatchObject({
        stage: 'ResponseComplete',
        responseStatus: { code },
        user: { username: 'admin' },
      }),
    );
  });
});
