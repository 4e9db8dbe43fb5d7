import type { AuthzAttributes, Decision } from '@reckon/serve/authz';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, startTestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/rec/configmaps';

describe('what an authorizer decides', () => {
  let server: TestServer;
  let decision: Decision | Promise<Decision>;
  let asked: AuthzAttributes | undefined;
  beforeAll(async () => {
    server = await startTestServer({
      authenticate: () => ({ user: { name: '<jane & "joe">', groups: [] } }),
      authorize: (attributes) => {
        asked = attributes;
        return decision;
      },
    });
  });
  afterAll(async () => {
    await server.close();
  });
  const answer = async (said: Decision | Promise<Decision>, path = maps) => {
    decision = said;
    const { status, headers, text } = await server.ask(path);
    return { status, type: headers['content-type'], text };
  };

  it('is an answer of 500 where nobody allows and somebody could not say', async () => {
    const unsure: Decision = { allowed: false, reason: 'why not', error: 'no answer from <webhook>' };
    for (const said of [unsure, Promise.resolve(unsure), { ...unsure, denied: true }])
      expect(await answer(said, `${maps}?a=%22`)).toEqual({
        status: 500,
        type: 'text/plain; charset=utf-8',
        text: `Internal Server Error: "${maps}?a=%22": no answer from &lt;webhook&gt;\n`,
      });
    expect((await answer({ allowed: true, reason: '', error: 'but allowed' })).status).toBe(200);
  });

  it('is refused in words that hold no markup, with the reason as it was given', async () => {
    const { status, text } = await answer({ allowed: false, reason: 'no <b>' });
    expect([status, (JSON.parse(text) as { message: string }).message]).toEqual([
      403,
      'configmaps is forbidden: User "&lt;jane &amp; \\"joe\\"&gt;" cannot list resource "configmaps" in API group "" in the namespace "rec": no <b>',
    ]);
  });

  it('is counted by its kind', async () => {
    await answer({ allowed: false, denied: true, reason: '' });
    await answer({ allowed: false, reason: '' });
    decision = { allowed: true, reason: '' };
    const { text } = await server.ask('/metrics');
    for (const result of ['allowed', 'denied', 'no-opinion', 'error'])
      expect(text).toMatch(new RegExp(`^authorization_attempts_total\\{result="${result}"\\} [1-9]`, 'm'));
  });

  /** What is asked about and what is served are read from the path once, so they cannot differ. */
  it.each<readonly [string, Partial<AuthzAttributes>]>([
    ['/api/v1//namespaces/rec/secrets/s', { verb: 'get', resource: '', namespace: '', name: 'namespaces' }],
    ['/api/v1/namespaces//secrets', { verb: 'list', resource: 'secrets', namespace: '' }],
    ['/api/v1/namespaces/rec/secrets/', { verb: 'list', resource: 'secrets', namespace: 'rec', name: '' }],
    ['/api/v1/namespaces/rec/%73ecrets/s', { verb: 'get', resource: 'secrets', name: 's' }],
    ['/api/v1/namespaces/rec/pods/p%2Flog', { verb: 'get', resource: 'pods', subresource: '', name: 'p/log' }],
    ['/api/v1/namespaces/rec/pods%2Flog/p', { verb: 'get', resource: 'pods/log', subresource: '', name: 'p' }],
    ['/api/v1/namespaces/rec/configmaps/../secrets/s', { resource: 'configmaps', name: '..', subresource: 'secrets' }],
    [
      '/api/v1/namespaces/rec/configmaps/%2e%2e/secrets',
      { resource: 'configmaps', name: '..', subresource: 'secrets' },
    ],
    ['/api/v1/namespaces/rec/secrets;x/s', { resource: 'secrets;x', name: 's' }],
    ['/api/v1/namespaces/rec/Secrets/s', { resource: 'Secrets' }],
    ['/api/v1/namespaces/*/secrets', { namespace: '*', resource: 'secrets', verb: 'list' }],
    ['/api/v1/*', { resource: '*', verb: 'list' }],
    ['/api/../metrics', { isResource: true, version: '..', resource: 'metrics', verb: 'list' }],
    ['/api/%2e%2e/metrics', { isResource: true, version: '..', resource: 'metrics', verb: 'list' }],
    ['/version/../metrics', { isResource: false, path: '/version/../metrics' }],
    ['/API/v1/secrets', { isResource: false, path: '/API/v1/secrets' }],
    ['/apis//v1/secrets', { isResource: true, group: '', version: 'v1', resource: 'secrets', verb: 'list' }],
    ['/metrics/', { isResource: false, path: '/metrics/' }],
    ['/at/5/api/v1/secrets', { isResource: true, verb: 'list', resource: 'secrets' }],
    ['/history/api/v1/secrets/', { isResource: true, verb: 'list', resource: 'secrets' }],
    [`/history/api/v1/namespaces/rec/secrets?fieldSelector=metadata.name%3Dx`, { verb: 'list', name: '' }],
    ['/history', { isResource: true, verb: 'list', group: '*', resource: '*' }],
    [`${maps}?watch=TRUE`, { verb: 'watch' }],
    [`${maps}?watch=0`, { verb: 'list' }],
    [`${maps}?fieldSelector=metadata.name%3Da,metadata.name%3Db`, { verb: 'list', name: 'a' }],
    [`${maps}?fieldSelector=metadata.name!%3Da`, { verb: 'list', name: '' }],
    [`${maps}?fieldSelector=metadata.name%3Da%2Fb`, { verb: 'list', name: '' }],
  ])('is asked of %s as it will be served', async (path, attributes) => {
    await answer({ allowed: false, reason: '' }, path);
    expect(asked).toMatchObject(attributes);
  });
});

describe('getting into a pod', () => {
  it.each(['exec', 'attach', 'portforward'])(
    'by %s takes the right to create, however it is asked for',
    async (sub) => {
      const verbs: string[] = [];
      let mayCreate: Promise<Decision> | Decision = { allowed: false, reason: '' };
      const server = await startTestServer({
        authorize: ({ verb }) => {
          verbs.push(verb);
          return verb === 'create' ? mayCreate : { allowed: true, reason: '' };
        },
      });
      const pod = '/api/v1/namespaces/rec/pods/p';
      const refused = await server.ask(`${pod}/${sub}?command=sh`);
      expect([refused.status, refused.json().message]).toEqual([
        403,
        `pods "p" is forbidden: User "admin" cannot create resource "pods/${sub}" in API group "" in the namespace "rec"`,
      ]);
      expect(verbs).toEqual(['get', 'create']);
      mayCreate = Promise.resolve({ allowed: true, reason: '' });
      expect((await server.ask(`${pod}/${sub}`)).status).toBe(404);
      verbs.length = 0;
      for (const path of [pod, `${pod}/log`]) await server.ask(path);
      expect(verbs).toEqual(['get', 'get']);
      await server.close();
    },
  );
});
