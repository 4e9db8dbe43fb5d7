import type { flowcontrolv1 } from '@reckon/api/types';
import { MetricsRegistry, systemClock, systemTimers } from '@reckon/kernel';
import { FlowControl } from '@reckon/serve/flow-control';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, type TestServer, startTestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/rec/configmaps';
const everything = (subject: flowcontrolv1.Subject): flowcontrolv1.PolicyRulesWithSubjects => ({
  subjects: [subject],
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});
const group = (name: string): flowcontrolv1.Subject => ({ kind: 'Group', group: { name } });

const schema = (
  name: string,
  level: string,
  subject: flowcontrolv1.Subject,
  precedence: number,
): flowcontrolv1.FlowSchema => ({
  metadata: { name, uid: `${name}-uid` },
  spec: {
    matchingPrecedence: precedence,
    priorityLevelConfiguration: { name: level },
    distinguisherMethod: { type: 'ByUser' },
    rules: [everything(subject)],
  },
});
const queues = { queues: 1, handSize: 1, queueLengthLimit: 1 };

let server: TestServer;
let flowControl: FlowControl;
let metrics: MetricsRegistry;
let held: (() => void)[];

beforeEach(async () => {
  held = [];
  metrics = new MetricsRegistry();
  flowControl = new FlowControl({
    storage: { observe: () => () => undefined, count: () => 0, newestOf: () => [] },
    mandatory: {
      levels: [
        { metadata: { name: 'exempt', uid: 'exempt-level' }, spec: { type: 'Exempt' } },
        {
          metadata: { name: 'few', uid: 'few-level' },
          spec: {
            type: 'Limited',
            limited: {
              nominalConcurrencyShares: 1,
              borrowingLimitPercent: 0,
              limitResponse: { type: 'Queue', queuing: queues },
            },
          },
        },
      ],
      schemas: [schema('exempt', 'exempt', group('system:masters'), 1), schema('few', 'few', group('people'), 10)],
    },
    serverSeats: 1,
    waitLimitMs: 300,
    clock: systemClock,
    monotonic: systemClock,
    timers: systemTimers,
    metrics,
  }).start();
  server = await startTestServer({
    flowControl,
    authenticate: ({ authorization }) => {
      const name = authorization.replace('Bearer ', '');
      return { user: { name, groups: name === 'admin' ? ['system:masters'] : ['people'] } };
    },
    authorize: ({ user, verb }) =>
      user.name !== 'slow' || verb !== 'get'
        ? { allowed: true, reason: '' }
        : new Promise((resolve) => {
            held.push(() => {
              resolve({ allowed: true, reason: '' });
            });
          }),
  });
});
afterEach(async () => {
  for (const go of held) go();
  await flowControl.stop();
  await server.close();
});

const as = (user: string, path: string): Promise<Answer> =>
  server.ask(path, { headers: { Authorization: `Bearer ${user}` } });
const holding = (count: number): Promise<void> =>
  vi.waitFor(() => {
    expect(held).toHaveLength(count);
  });
const levelLine = (): string =>
  flowControl.dumps['dump_priority_levels']?.(false)
    .split('\n')
    .find((line) => line.startsWith('few'))
    ?.replaceAll(/\s+/g, '') ?? '';

describe('flow control', () => {
  it('tells every answer how it was classified', async () => {
    const answer = await as('jane', maps);
    expect(answer.headers).toMatchObject({
      'x-kubernetes-pf-flowschema-uid': 'few-uid',
      'x-kubernetes-pf-prioritylevel-uid': 'few-level',
    });
    expect((await as('admin', `${maps}/none`)).headers['x-kubernetes-pf-flowschema-uid']).toBe('exempt-uid');
  });

  it('lets one wait for the seat of another', async () => {
    const first = as('slow', `${maps}/a`);
    await holding(1);
    const second = as('jane', maps);
    await vi.waitFor(() => {
      expect(levelLine()).toContain('few,1,false,false,1,1,');
    });
    held[0]?.();
    expect([(await first).status, (await second).status]).toEqual([404, 200]);
    await vi.waitFor(() => {
      expect(levelLine()).toContain('few,0,true,false,0,0,');
    });
  });

  it('answers 429 with Retry-After when the queue is full, or one has waited too long; who is exempt comes in', async () => {
    const first = as('slow', `${maps}/a`);
    await holding(1);
    const waiting = as('jane', maps);
    await vi.waitFor(() => {
      expect(levelLine()).toContain('few,1,');
    });
    const inQueue = async (): Promise<string | undefined> =>
      /^apiserver_current_inqueue_requests\{request_kind="readOnly"\} (\d+)$/m.exec(
        (await as('admin', '/metrics')).text,
      )?.[1];
    expect(await inQueue()).toBe('1');
    const refused = await as('ann', maps);
    expect([
      refused.status,
      refused.headers['retry-after'],
      refused.headers['content-type'],
      refused.body.toString(),
    ]).toEqual([429, '1', 'text/plain; charset=utf-8', 'Too many requests, please try again later.\n']);
    expect(refused.headers['x-kubernetes-pf-flowschema-uid']).toBe('few-uid');
    expect((await as('admin', maps)).status).toBe(200);
    expect((await waiting).status).toBe(429);
    expect(await inQueue()).toBe('0');
    held[0]?.();
    await first;
    expect(metrics.render()).toContain('reason="time-out"} 1');
  });

  it('does not hold the seat of a watch that is open', async () => {
    const watching = as('jane', `${maps}?watch=1&timeoutSeconds=1`);
    expect((await as('jane', maps)).status).toBe(200);
    expect((await watching).status).toBe(200);
    expect(metrics.render()).toContain(
      'apiserver_flowcontrol_request_execution_seconds_count{priority_level="few",flow_schema="few",type="watch"} 1',
    );
  });

  it('gives the seat of a peer back that goes away', async () => {
    const leaving = new AbortController();
    const { request } = await import('node:https');
    const gone = new Promise<void>((resolve) => {
      const asked = request({
        host: '127.0.0.1',
        port: server.port,
        path: `${maps}/a`,
        ca: server.caPem,
        headers: { Authorization: 'Bearer slow' },
        signal: leaving.signal,
      });
      asked.on('error', () => {
        resolve();
      });
      asked.end();
    });
    await holding(1);
    leaving.abort();
    await gone;
    expect((await as('jane', maps)).status).toBe(200);
  });

  it('shows its state to those who debug', async () => {
    const answer = await as('admin', '/debug/api_priority_and_fairness/dump_priority_levels');
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.text).toMatch(/^PriorityLevelName, ActiveQueues, IsIdle, /);
    const requests = await as('admin', '/debug/api_priority_and_fairness/dump_requests?includeRequestDetails=1');
    expect(requests.text).toContain('/debug/api_priority_and_fairness/dump_requests');
    expect((await as('admin', '/debug/api_priority_and_fairness/dump_queues')).text).toContain('few,');
  });
});
