import { createKindRegistry } from '@reckon/api/kinds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const aggregated = {
  Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
};

describe('paths that are no resources', () => {
  let server: TestServer;
  let isBroken = false;
  beforeAll(async () => {
    server = await startTestServer({
      kinds: createKindRegistry({ serve: (row) => row.group === '' || row.group === 'apps' }),
      health: [
        {
          name: 'etcd',
          endpoints: ['livez', 'healthz'],
          check: () => {
            if (isBroken) throw new Error('the disk is gone');
          },
        },
        { name: 'poststarthook/rbac/bootstrap-roles', check: () => Promise.resolve() },
      ],
      openid: {
        configuration: () => ({ issuer: 'https://kubernetes.default.svc' }),
        keys: () => Promise.resolve({ keys: [] }),
      },
      debug: { view: (query) => ({ asked: query.get('x') }) },
      configz: () => ({ 'apiserver.reckon': {} }),
      flags: { 'secure-port': '6443', 'authorization-mode': '[Node,RBAC]' },
    });
  });
  afterAll(async () => {
    await server.close();
  });

  it('lists at / all that can be asked for', async () => {
    const { paths } = (await server.ask('/')).json<{ paths: string[] }>();
    expect(paths).toEqual([...paths].sort());
    expect(paths).toEqual(
      expect.arrayContaining([
        '/.well-known/openid-configuration',
        '/api',
        '/api/v1',
        '/apis',
        '/apis/',
        '/apis/apps',
        '/apis/apps/v1',
        '/flagz',
        '/healthz',
        '/healthz/etcd',
        '/livez/poststarthook/rbac/bootstrap-roles',
        '/metrics',
        '/metrics/slis',
        '/openapi/v3',
        '/openapi/v3/',
        '/readyz/shutdown',
        '/statusz',
        '/version',
      ]),
    );
    // Not a check of this endpoint; for people who debug, as upstream's profiles.
    for (const path of ['/readyz/etcd', '/debug/view', '/configz']) expect(paths).not.toContain(path);
  });

  it('says its version', async () => {
    const { headers, json } = await server.ask('/version');
    expect(headers['content-type']).toBe('application/json');
    const version = json<{ gitVersion: string }>();
    expect(version).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.2', gitCommit: '$Format:%H$' });
    // As clients take it apart (semver.org, with the v that Kubernetes has).
    expect(version.gitVersion).toMatch(/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/);
  });

  it.each([
    ['/healthz', 'ok'],
    ['/healthz/ping', 'ok'],
    ['/livez/etcd', 'ok'],
    [
      '/livez?verbose',
      '[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]poststarthook/rbac/bootstrap-roles ok\nlivez check passed\n',
    ],
    [
      '/readyz?verbose&exclude=log&exclude=nope',
      '[+]ping ok\n[+]log excluded: ok\n[+]poststarthook/rbac/bootstrap-roles ok\n[+]shutdown ok\n' +
        'warn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n',
    ],
  ])('%s is well', async (path, expected) => {
    const { status, headers, text } = await server.ask(path);
    expect([status, headers['content-type'], text]).toEqual([200, 'text/plain; charset=utf-8', expected]);
  });

  it('is verbose about a failure, but for the reason', async () => {
    isBroken = true;
    const all = await server.ask('/livez');
    const one = await server.ask('/livez/etcd');
    isBroken = false;
    expect([all.status, all.text]).toEqual([
      500,
      '[+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\n[+]poststarthook/rbac/bootstrap-roles ok\nlivez check failed\n',
    ]);
    expect([one.status, one.text]).toEqual([500, 'internal server error: the disk is gone\n']);
  });

  it('shows how its checks went, each by itself', async () => {
    isBroken = true;
    await server.ask('/livez');
    isBroken = false;
    await server.ask('/livez?exclude=log');
    const { headers, text } = await server.ask('/metrics/slis');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('kubernetes_healthcheck{name="etcd",type="livez"} 1\n');
    expect(text).toMatch(/^kubernetes_healthchecks_total\{name="etcd",status="error",type="livez"\} [1-9]/m);
    expect(text).toMatch(/^kubernetes_healthchecks_total\{name="etcd",status="success",type="livez"\} [1-9]/m);
    expect(text).not.toContain('apiserver_request_total');
    expect((await server.ask('/metrics')).text).not.toContain('kubernetes_healthcheck');
  });

  it('tells its flags to people, and to programs that name the form', async () => {
    const page = await server.ask('/flagz', { headers: { Accept: 'application/json, */*' } });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(page.text).toMatch(
      /^\nkube-apiserver flagz\nWarning: .*\nauthorization-mode=\[Node,RBAC\]\nsecure-port=6443\n$/,
    );
    const form = await server.ask('/flagz', {
      headers: { Accept: 'application/json;v=v1beta1;g=config.k8s.io;as=Flagz' },
    });
    expect([form.headers['content-type'], form.json()]).toEqual([
      'application/json',
      {
        kind: 'Flagz',
        apiVersion: 'config.k8s.io/v1beta1',
        metadata: { name: 'kube-apiserver' },
        flags: { 'authorization-mode': '[Node,RBAC]', 'secure-port': '6443' },
      },
    ]);
    const refused = await server.ask('/flagz', { headers: { Accept: 'application/json' } });
    expect([refused.status, refused.json().message]).toEqual([
      406,
      'only the following media types are accepted: application/json, application/yaml, text/plain',
    ]);
  });

  it('tells since when it runs, and as what', async () => {
    const page = await server.ask('/statusz');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(page.text).toMatch(
      /^\nkube-apiserver statusz\nWarning: .*\n\nStarted: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\nUp: \d+ hr \d\d min \d\d sec\nGo version: .*\nBinary version: 1\.36\.2\+reckon\nEmulation version: 1\.36\nPaths: \/flagz \/healthz \/livez \/metrics \/readyz \/statusz \/version\n$/,
    );
    const form = await server.ask('/statusz', {
      headers: { Accept: 'application/yaml;v=v1alpha1;g=config.k8s.io;as=Statusz' },
    });
    expect(form.headers['content-type']).toBe('application/yaml');
    expect(form.text).toMatch(
      /^apiVersion: config\.k8s\.io\/v1alpha1\nbinaryVersion: 1\.36\.2\+reckon\nemulationVersion: "1\.36"\n/,
    );
  });

  it('counts requests by what they asked, and unknown paths as one', async () => {
    await server.ask('/api/v1/namespaces/default/pods');
    await server.ask('/api/v1/namespaces/default/made-up-by-a-client');
    await server.ask('/livez');
    await server.ask('/api/v1/namespaces/default/pods', { method: 'DELETE' });
    await server.ask('/api/v1/namespaces/default/pods?dryRun=All&dryRun=none', { method: 'POST', json: {} });
    const { text } = await server.ask('/metrics');
    expect(text).toMatch(
      /apiserver_request_total\{verb="LIST",dry_run="",group="",version="v1",resource="pods",subresource="",scope="namespace",component="apiserver",code="200"\} 1/,
    );
    expect(text).toMatch(/apiserver_request_duration_seconds_bucket\{le="0\.005",verb="LIST"/);
    expect(text).toMatch(/apiserver_request_total\{verb="GET",dry_run="",[^}]*,subresource="\/livez",/);
    expect(text).toMatch(/apiserver_request_total\{verb="DELETE",[^}]*,resource="pods",[^}]*,scope="namespace",/);
    expect(text).toMatch(/apiserver_request_total\{verb="POST",dry_run="invalid",/);
    expect(text).not.toMatch(/apiserver_request_sli_duration_seconds_(count|bucket)\{[^}]*verb="POST"/);
    expect(text).not.toMatch(/apiserver_request_sli_duration_seconds_bucket\{le="0\.005"/);
    expect(text).toMatch(/apiserver_current_inflight_requests\{request_kind="readOnly"\} 1/);
    expect(text).toMatch(/apiserver_request_sli_duration_seconds_count\{verb="LIST"/);
    expect(text).toMatch(/^authentication_attempts\{result="success"\} [1-9]/m);
    expect(text).toMatch(/^authorization_attempts_total\{result="allowed"\} [1-9]/m);
    expect(text).not.toContain('made-up');
  });

  it('serves the documents for token verification in their own types', async () => {
    const configuration = await server.ask('/.well-known/openid-configuration');
    expect([configuration.headers['content-type'], configuration.headers['cache-control']]).toEqual([
      'application/json',
      'public, max-age=3600',
    ]);
    const keys = await server.ask('/openid/v1/jwks');
    expect([keys.headers['content-type'], keys.json()]).toEqual(['application/jwk-set+json', { keys: [] }]);
    const refused = await server.ask('/openid/v1/jwks', { headers: { Accept: 'application/json' } });
    expect([refused.status, refused.json().message]).toEqual([
      406,
      '406: Not Acceptable\n\nAvailable representations: application/jwk-set+json',
    ]);
  });

  it('gives discovery in both forms', async () => {
    expect((await server.ask('/api')).json()).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect((await server.ask('/apis/apps')).json()).toMatchObject({ kind: 'APIGroup', name: 'apps' });
    const whole = await server.ask('/apis', { headers: aggregated });
    expect([whole.headers['content-type'], whole.headers['cache-control'], whole.headers.vary]).toEqual([
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      'public',
      'Accept',
    ]);
    expect(whole.json<{ items: { metadata: object }[] }>().items.map((i) => i.metadata)).toEqual([{ name: 'apps' }]);
    const again = await server.ask('/apis', {
      headers: { ...aggregated, 'If-None-Match': whole.headers.etag ?? '' },
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('serves a kind that appears and vanishes at run time, in discovery, OpenAPI and as resources', async () => {
    const row = server.kinds.resource('', 'v1', 'configmaps');
    if (row === undefined) throw new Error('no configmaps');
    const things = '/apis/example.com/v1/namespaces/default/things';
    expect((await server.ask(things)).status).toBe(404);
    server.kinds.add({
      ...row,
      group: 'example.com',
      resource: 'things',
      singular: 'thing',
      storage: { group: 'example.com', resource: 'things', version: 'v1' },
    });
    expect((await server.ask('/apis/example.com/v1')).json()).toMatchObject({ resources: [{ name: 'things' }] });
    expect((await server.ask(things)).status).toBe(200);
    const index = (await server.ask('/openapi/v3')).json<{ paths: Record<string, unknown> }>();
    expect(Object.keys(index.paths)).toContain('apis/example.com/v1');
    server.kinds.remove('example.com', 'v1', 'things');
    expect((await server.ask('/apis/example.com/v1')).text).toBe('404 page not found\n');
    expect((await server.ask(things)).text).toBe('404 page not found\n');
  });

  it('serves OpenAPI v3 under URLs that name their hash', async () => {
    const index = await server.ask('/openapi/v3');
    const url = index.json<{ paths: Record<string, { serverRelativeURL: string }> }>().paths['apis/apps/v1']
      ?.serverRelativeURL;
    const document = await server.ask(url ?? '');
    expect([document.status, document.headers['cache-control'], document.json().openapi]).toEqual([
      200,
      'public, immutable',
      '3.0.0',
    ]);
    expect(document.json()).toMatchObject({ info: { version: '1.36' } });
    // Whole seconds of the server's clock.
    const aYearOn = new Date(document.headers.date ?? '');
    aYearOn.setUTCFullYear(aYearOn.getUTCFullYear() + 1);
    expect(Math.abs(Date.parse(document.headers.expires ?? '') - aYearOn.getTime())).toBeLessThan(5_000);
    const version = await server.ask('/openapi/v3/version');
    expect(version.headers.expires).toBeUndefined();
    expect(Object.keys(version.json<{ paths: object }>().paths)).toEqual(['/version/']);
    const moved = await server.ask('/openapi/v3/apis/apps/v1?hash=0');
    expect([moved.status, moved.headers.location]).toEqual([301, url]);
    const unchanged = await server.ask('/openapi/v3', { headers: { 'If-None-Match': index.headers.etag ?? '' } });
    expect(unchanged.status).toBe(304);
  });

  it.each([
    ['application/json', 200],
    ['application/*;q=0.5, text/html', 200],
    ['text/html', 406],
    ['application/yaml', 406],
  ])('gives an OpenAPI v3 document to whoever accepts %j: %i', async (accept, code) => {
    const { status, text, headers } = await server.ask('/openapi/v3/version', { headers: { Accept: accept } });
    expect([status, headers.vary]).toEqual([code, 'Accept']);
    if (code === 406) expect(text).toBe('');
  });

  it('answers people who debug', async () => {
    expect((await server.ask('/debug/view?x=1')).json()).toEqual({ asked: '1' });
  });

  it('is read only, but for health, which no method changes', async () => {
    expect((await server.ask('/version', { method: 'POST', body: '{}' })).status).toBe(405);
    for (const method of ['POST', 'PUT', 'DELETE'])
      for (const path of ['/healthz', '/livez', '/readyz', '/livez/ping']) {
        const { status, text } = await server.ask(path, { method, body: '{}' });
        expect([method, path, status, text]).toEqual([method, path, 200, 'ok']);
      }
    expect((await server.ask('/livez/nope', { method: 'POST', body: '{}' })).status).toBe(404);
  });
});
