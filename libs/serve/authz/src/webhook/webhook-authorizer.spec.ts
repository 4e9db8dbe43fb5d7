import { MetricsRegistry, fakeClock, seededRandom, silentLogger } from '@reckon/kernel';
import { WebhookError } from '@reckon/serve/authn';
import { describe, expect, it } from 'vitest';
import type { AuthzAttributes } from '../authorizer';
import type { MatchConditions } from './match-conditions';
import { type WebhookAuthorizerOptions, webhookAuthorizer } from './webhook-authorizer';
import { webhookMetrics } from './webhook-metrics';

const request: AuthzAttributes = {
  user: { name: 'jane', groups: ['group1', 'group2'] },
  verb: 'get',
  isResource: true,
  group: 'unicorn.example.org',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'kittensandponies',
  name: '',
  path: '/apis/unicorn.example.org/v1/namespaces/kittensandponies/pods',
};

type Reply = string | Error;
const allow = JSON.stringify({ status: { allowed: true, reason: 'yes' } });
const refuse = JSON.stringify({ status: { allowed: false, reason: 'not today' } });
const status = (code: number): WebhookError =>
  new WebhookError('an error on the server ("unknown") has prevented the request from succeeding', {
    status: code,
    isPassing: [429, 500, 504].includes(code),
  });

const place = { url: 'https://authz.example.com/authorize?timeout=1s', timeoutMs: 1000 };

/** A webhook that gives these answers in turn, the last one for ever. */
function webhook(replies: readonly Reply[], options: Partial<WebhookAuthorizerOptions> = {}) {
  const sent: Record<string, unknown>[] = [];
  const clock = fakeClock();
  const registry = new MetricsRegistry();
  const authorizer = webhookAuthorizer({
    name: 'default',
    version: 'v1',
    client: {
      ...place,
      post(body) {
        sent.push(JSON.parse(body) as Record<string, unknown>);
        const reply = replies[Math.min(sent.length, replies.length) - 1] ?? '';
        return typeof reply === 'string' ? Promise.resolve(reply) : Promise.reject(reply);
      },
      close: () => undefined,
    },
    allowedTtlMs: 300_000,
    refusedTtlMs: 30_000,
    failurePolicy: 'NoOpinion',
    clock,
    timers: { ...clock, sleep: () => Promise.resolve() },
    random: seededRandom(1),
    logger: silentLogger,
    metrics: webhookMetrics(registry),
    ...options,
  });
  const ask = async (a: Partial<AuthzAttributes> = {}) => authorizer.authorize({ ...request, ...a });
  return { ask, sent, clock, authorizer, metrics: () => registry.render() };
}

describe('a webhook authorizer', () => {
  it('asks with the review of its version', async () => {
    const resourceAttributes = {
      namespace: 'kittensandponies',
      verb: 'get',
      group: 'unicorn.example.org',
      version: 'v1',
      resource: 'pods',
    };
    const whole = { metadata: {}, status: { allowed: false }, kind: 'SubjectAccessReview' };
    const one = webhook([allow]);
    expect(await one.ask()).toEqual({ allowed: true, reason: 'yes' });
    expect(one.sent).toEqual([
      {
        ...whole,
        apiVersion: 'authorization.k8s.io/v1',
        spec: { resourceAttributes, user: 'jane', groups: ['group1', 'group2'] },
      },
    ]);
    const beta = webhook([allow], { version: 'v1beta1' });
    await beta.ask();
    expect(beta.sent).toEqual([
      {
        ...whole,
        apiVersion: 'authorization.k8s.io/v1beta1',
        spec: { resourceAttributes, user: 'jane', group: ['group1', 'group2'] },
      },
    ]);
  });

  it('tells paths, who asks in full, and what a list is limited to', async () => {
    const { ask, sent } = webhook([allow]);
    await ask({
      isResource: false,
      path: '/healthz',
      user: { name: 'u', groups: [], uid: '1', extra: { b: ['2'], a: ['1'] } },
    });
    await ask({
      verb: 'list',
      user: { name: 'u', groups: [] },
      fieldSelector: [{ field: 'spec.nodeName', operator: '=', value: 'a' }],
      labelSelector: [
        { key: 'app', operator: '!=', values: ['x'] },
        { key: 'n', operator: 'gt', values: ['1'] },
        { key: 'tier', operator: 'exists', values: [] },
      ],
    });
    expect(sent.map(({ spec }) => spec)).toEqual([
      {
        nonResourceAttributes: { path: '/healthz', verb: 'get' },
        user: 'u',
        uid: '1',
        extra: { a: ['1'], b: ['2'] },
      },
      {
        user: 'u',
        resourceAttributes: {
          verb: 'list',
          namespace: 'kittensandponies',
          group: 'unicorn.example.org',
          version: 'v1',
          resource: 'pods',
          fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['a'] }] },
          labelSelector: {
            requirements: [
              { key: 'app', operator: 'NotIn', values: ['x'] },
              { key: 'tier', operator: 'Exists' },
            ],
          },
        },
      },
    ]);
  });

  it('remembers a yes and a no for their times, and each question for itself', async () => {
    const { ask, sent, clock } = webhook([allow, refuse]);
    await ask();
    expect(await ask()).toEqual({ allowed: true, reason: 'yes' });
    expect(await ask({ verb: 'list' })).toEqual({ allowed: false, reason: 'not today' });
    expect(sent).toHaveLength(2);
    await clock.advance(30_001);
    await ask({ verb: 'list' });
    await ask();
    expect(sent).toHaveLength(3);
    await clock.advance(270_000);
    await ask();
    expect(sent).toHaveLength(4);
    await ask({ user: { name: 'jane', groups: ['group1,group2'] } });
    await ask({ user: { name: 'jane', groups: ['group1'] } });
    expect(sent).toHaveLength(6);
  });

  it('remembers nothing of what is too long, or where it is told not to', async () => {
    const long = webhook([allow]);
    await long.ask({ name: 'x'.repeat(10_000) });
    await long.ask({ name: 'x'.repeat(10_000) });
    expect(long.sent).toHaveLength(2);
    const never = webhook([allow], { allowedTtlMs: 0 });
    await never.ask();
    await never.ask();
    expect(never.sent).toHaveLength(2);
  });

  it('takes a firm no, and makes one of a contradiction', async () => {
    const { ask } = webhook([
      JSON.stringify({ status: { allowed: false, denied: true, reason: 'never' } }),
      JSON.stringify({ status: { allowed: true, denied: true, reason: 'hm' } }),
    ]);
    expect(await ask()).toEqual({ allowed: false, denied: true, reason: 'never' });
    expect(await ask({ verb: 'list' })).toEqual({
      allowed: false,
      denied: true,
      reason: 'hm',
      error: 'webhook subject access review returned both allow and deny response',
    });
  });

  it('asks again what will pass, five times in all', async () => {
    const later = webhook([status(500), status(429), status(504), allow]);
    expect(await later.ask()).toMatchObject({ allowed: true });
    // A gateway that gave up in time is one that took too long.
    expect(later.metrics()).toContain(
      'apiserver_authorization_webhook_evaluations_total{name="default",result="timeout"} 1',
    );
    const never = webhook([status(500)]);
    expect(await never.ask()).toEqual({
      allowed: false,
      reason: '',
      error: 'an error on the server ("unknown") has prevented the request from succeeding',
    });
    expect(never.sent).toHaveLength(5);
    expect(never.metrics()).toContain(
      'apiserver_authorization_webhook_evaluations_total{name="default",result="error"} 5',
    );
    expect(never.metrics()).toContain(
      'apiserver_authorization_webhook_evaluations_fail_open_total{name="default",result="error"} 1',
    );
  });

  it.each<readonly [string, Reply]>([
    ['not found', status(404)],
    ['not authorized', status(401)],
    ['no server', new WebhookError('Post "https://x": connect ECONNREFUSED', { isPassing: false })],
    ['no JSON', '<html>allowed</html>'],
    ['an empty answer', ''],
    ['a list', '[{"status":{"allowed":true}}]'],
    ['a yes that is a text', '{"status":{"allowed":"true"}}'],
    ['a yes that is a number', '{"status":{"allowed":1}}'],
    ['a status that is none', '{"status":true}'],
    ['another kind', '{"kind":"TokenReview","status":{"allowed":true}}'],
    [
      'another version',
      '{"apiVersion":"authorization.k8s.io/v1beta1","kind":"SubjectAccessReview","status":{"allowed":true}}',
    ],
  ])('allows nothing on %s: no opinion, or a firm no by its policy', async (_, reply) => {
    const open = webhook([reply]);
    expect(await open.ask()).toMatchObject({ allowed: false, error: expect.any(String) as string });
    expect(await open.ask()).not.toHaveProperty('denied');
    const closed = webhook([reply], { failurePolicy: 'Deny' });
    expect(await closed.ask()).toMatchObject({ allowed: false, denied: true, reason: '' });
    // What failed is asked again the next time.
    await closed.ask();
    expect(closed.sent).toHaveLength(2);
  });

  it.each([
    ['{}'],
    ['{"status":{}}'],
    ['{"status":null}'],
    ['{"__proto__":{"status":{"allowed":true}}}'],
    ['{"allowed":true}'],
  ])('takes %s for no opinion', async (reply) => {
    expect(await webhook([reply]).ask()).toEqual({ allowed: false, reason: '' });
  });

  it('does not wait for ever', async () => {
    const clock = fakeClock();
    const slow = webhook([], {
      clock,
      timers: clock,
      client: {
        ...place,
        post: (_, signal) =>
          new Promise((__, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          }),
        close: () => undefined,
      },
    });
    const asked = slow.ask();
    await clock.advance(1000);
    expect(await asked).toMatchObject({
      allowed: false,
      error: 'Post "https://authz.example.com/authorize?timeout=1s": context deadline exceeded',
    });
    expect(slow.metrics()).toContain(
      'apiserver_authorization_webhook_evaluations_total{name="default",result="timeout"} 1',
    );
  });

  it('is asked only what its conditions let through', async () => {
    const conditions: MatchConditions = ({ user }) =>
      user === 'odd' ? { matches: false, error: 'no such key: x', hasFailed: true } : { matches: user === 'jane' };
    const { ask, sent, metrics } = webhook([allow], { conditions });
    expect(await ask()).toMatchObject({ allowed: true });
    expect(await ask({ user: { name: 'joe', groups: [] } })).toEqual({ allowed: false, reason: '' });
    expect(await ask({ user: { name: 'odd', groups: [] } })).toEqual({
      allowed: false,
      reason: '',
      error: 'no such key: x',
    });
    expect(sent).toHaveLength(1);
    expect(metrics()).toContain(
      'apiserver_authorization_match_condition_exclusions_total{type="Webhook",name="default"} 1',
    );
    expect(metrics()).toContain(
      'apiserver_authorization_match_condition_evaluation_errors_total{type="Webhook",name="default"} 1',
    );
    const closed = webhook([allow], { conditions, failurePolicy: 'Deny' });
    expect(await closed.ask({ user: { name: 'odd', groups: [] } })).toMatchObject({ denied: true });
  });

  it('knows no rules', () => {
    expect(webhook([allow]).authorizer.rulesFor(request.user, '')).toEqual({
      rules: [],
      errors: ['webhook authorizer does not support user rule resolution'],
      isIncomplete: true,
    });
  });
});
