import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { MetricsRegistry, fakeClock, seededRandom, silentLogger, systemTimers } from '@reckon/kernel';
import { foreignAuthority } from '@reckon/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cachedTokens } from '../cached-tokens';
import { presentedToken } from '../presented-token';
import type { TokenAuthenticator } from '../token-authenticator';
import { tokenCacheMetrics } from '../token-cache-metrics';
import { type WebhookClient, webhookClient } from './webhook-client';
import { webhookTokens } from './webhook-tokens';

interface Review {
  readonly apiVersion: string;
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
}

let answers: ((review: Review) => {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
})[] = [];
const asked: Review[] = [];
const authority = foreignAuthority('webhook-authority');
const server = createServer(
  (() => {
    const { certPem, keyPem } = authority.issue({ commonName: 'hook', ipAddresses: ['127.0.0.1'], usages: ['server'] });
    return { cert: certPem, key: keyPem };
  })(),
  (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      const review = JSON.parse(text) as Review;
      asked.push(review);
      const answer = (answers.length > 1 ? answers.shift() : answers[0])?.(review) ?? { body: '{}' };
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body);
    });
  },
);
let url: string;
let client: WebhookClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/authenticate`;
  client = webhookClient({ server: url, caPem: authority.certPem, timeoutMs: 2000 });
});
afterAll(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked.length = 0;
});

const backoff = { firstMs: 1, factor: 1.5, jitter: 0.2, tries: 5 };
const made = (
  more: { readonly client?: WebhookClient; readonly version?: 'v1' | 'v1beta1' } = {},
): TokenAuthenticator =>
  webhookTokens({
    client,
    version: 'v1',
    apiAudiences: ['api', 'other'],
    patience: { timers: systemTimers, random: seededRandom(3), backoff },
    logger: silentLogger,
    ...more,
  });
const status = (value: object) => () => ({ body: JSON.stringify({ status: value }) });
const outcome = async (tokens: TokenAuthenticator, audiences?: readonly string[]): Promise<unknown> => {
  try {
    return await tokens.authenticateToken(presentedToken('t'), audiences);
  } catch (error) {
    return (error as Error).message;
  }
};
const ann = { authenticated: true, user: { username: 'ann', uid: '7', groups: ['dev'], extra: { a: ['b'] } } };
const annIs = { name: 'ann', uid: '7', groups: ['dev', 'system:authenticated'], extra: { a: ['b'] } };

describe('a token webhook', () => {
  it('is asked with the version and the audiences, and says who it is', async () => {
    answers = [status(ann)];
    expect(await outcome(made())).toEqual({ user: annIs, audiences: ['api', 'other'] });
    expect(await outcome(made({ version: 'v1beta1' }), ['api'])).toEqual({ user: annIs, audiences: ['api'] });
    expect(asked.map(({ apiVersion, spec }) => [apiVersion, spec.token, spec.audiences])).toEqual([
      ['authentication.k8s.io/v1', 't', ['api', 'other']],
      ['authentication.k8s.io/v1beta1', 't', ['api']],
    ]);
  });

  it('may say for whom the token is', async () => {
    answers = [status({ ...ann, audiences: ['other', 'x'] })];
    expect(await outcome(made())).toMatchObject({ audiences: ['other'] });
    expect(await outcome(made(), ['api'])).toBeUndefined();
    // In the webhook's order.
    answers = [status({ ...ann, audiences: ['other', 'api'] })];
    expect(await outcome(made())).toMatchObject({ audiences: ['other', 'api'] });
    // One that says nothing of audiences speaks for the apiserver.
    answers = [status(ann)];
    expect(await outcome(made(), ['vault'])).toBeUndefined();
  });

  it('may refuse, with or without a reason', async () => {
    answers = [status({ authenticated: false, error: 'gone' })];
    expect(await outcome(made())).toBe('gone');
    for (const refusal of [{ authenticated: false, user: ann.user }, {}, { user: ann.user }]) {
      answers = [status(refusal)];
      expect(await outcome(made()), JSON.stringify(refusal)).toBeUndefined();
    }
  });

  it.each([
    ['no JSON', { body: '<html>' }],
    ['a list', { body: '[]' }],
    ['a user of wrong types', { body: JSON.stringify({ status: { authenticated: true, user: { username: 1 } } }) }],
    ['yes in a text', { body: JSON.stringify({ status: { ...ann, authenticated: 'true' } }) }],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://127.0.0.1:1/' }, body: JSON.stringify({ status: ann }) },
    ],
    ['a refusal of the call', { status: 403, body: JSON.stringify({ status: ann }) }],
  ])('that answers with %s lets nobody in', async (_, answer) => {
    answers = [() => answer];
    expect(typeof (await outcome(made()))).toBe('string');
    expect(asked).toHaveLength(1);
  });

  it('is asked again when it stumbles, but not for ever', async () => {
    const stumble = () => ({ status: 500, body: '' });
    answers = [stumble, () => ({ status: 429, headers: { 'retry-after': '0' }, body: '' }), status(ann)];
    expect(await outcome(made())).toMatchObject({ user: annIs });
    expect(asked).toHaveLength(3);
    answers = [stumble];
    asked.length = 0;
    expect(await outcome(made())).toBe('an error on the server ("unknown") has prevented the request from succeeding');
    expect(asked).toHaveLength(5);
  });

  it('with a certificate of somebody else is not believed', async () => {
    const other = webhookClient({ server: url, caPem: foreignAuthority('other').certPem });
    answers = [status(ann)];
    expect(await outcome(made({ client: other }))).toContain('certificate');
    expect(asked).toEqual([]);
    other.close();
    const nowhere = webhookClient({ server: 'https://127.0.0.1:1/' });
    expect(await outcome(made({ client: nowhere }))).toBe(
      'Post "https://127.0.0.1:1/?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    nowhere.close();
  });
});

describe('answers that are kept', () => {
  it('stand for their time, yes and no for themselves; failures do not', async () => {
    const clock = fakeClock();
    let count = 0;
    let answer: () => unknown = () => undefined;
    const inner = {
      authenticateToken: async () => {
        count++;
        return answer() as { user: { name: string; groups: string[] } } | undefined;
      },
    };
    const registry = new MetricsRegistry();
    const kept = cachedTokens(inner, { acceptedMs: 100, refusedMs: 10, clock, metrics: tokenCacheMetrics(registry) });
    const ask = (): Promise<unknown> => outcome(kept);
    const waiting = Promise.all([ask(), ask(), ask()]);
    expect(registry.render()).toContain('authentication_token_cache_active_fetch_count{status="in_flight"} 1');
    expect(registry.render()).toContain('authentication_token_cache_active_fetch_count{status="blocked"} 3');
    expect(await waiting).toEqual([undefined, undefined, undefined]);
    expect(count).toBe(1);
    clock.jump(11);
    answer = () => ({ user: { name: 'ann', groups: [] } });
    expect([await ask(), await ask()]).toMatchObject([{ user: { name: 'ann' } }, { user: { name: 'ann' } }]);
    expect(count).toBe(2);
    clock.jump(99);
    await ask();
    expect(count).toBe(2);
    // Another audience is another question.
    await outcome(kept, ['x']);
    expect(count).toBe(3);
    clock.jump(2);
    answer = () => {
      throw new Error('down');
    };
    expect([await ask(), await ask()]).toEqual(['down', 'down']);
    expect(count).toBe(5);
    const counted = registry
      .render()
      .split('\n')
      .filter((line) => /^authentication_token_cache_[a-z_]*(total|count)\{/.test(line));
    expect(counted.filter((line) => !line.includes('duration'))).toEqual([
      'authentication_token_cache_active_fetch_count{status="in_flight"} 0',
      'authentication_token_cache_active_fetch_count{status="blocked"} 0',
      'authentication_token_cache_fetch_total{status="ok"} 3',
      'authentication_token_cache_fetch_total{status="error"} 2',
      'authentication_token_cache_request_total{status="hit"} 2',
      'authentication_token_cache_request_total{status="miss"} 7',
    ]);
  });
});
