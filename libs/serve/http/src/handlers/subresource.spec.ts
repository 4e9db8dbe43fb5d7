import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectCall, SubresourceCall } from '../api-server-options';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const pods = '/api/v1/namespaces/default/pods';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

describe('handlers of their own', () => {
  let server: TestServer;
  let call: SubresourceCall | undefined;
  let connected: ConnectCall | undefined;
  beforeAll(async () => {
    server = await startTestServer({
      subresource: (row, name) => {
        if (name === 'scale')
          return (c) => {
            call = c;
            const current: KubeObject = {
              kind: 'Scale',
              apiVersion: 'autoscaling/v1',
              metadata: { name: c.name },
              spec: { replicas: 1 },
            };
            return { code: 200, object: c.patch?.(current) ?? c.object ?? current };
          };
        if (name === 'eviction')
          return async (c) => {
            call = c;
            await c.options.admission.validate(c.object, undefined);
            throw statusErrors.tooManyRequests(
              'Cannot evict pod as it would violate the pod\u2019s disruption budget.',
              10,
            );
          };
        if (row.resource === 'tokenreviews' && name === '')
          return (c) => {
            call = c;
            return { code: 201, object: c.object ?? {} };
          };
        return undefined;
      },
      connect: (row, name) =>
        row.resource === 'pods' && ['log', 'exec', 'proxy'].includes(name)
          ? (c) => {
              connected = c;
              if (c.name === 'gone') throw statusErrors.notFound({ group: '', resource: 'pods' }, 'gone');
              if (c.upgrade !== undefined)
                c.upgrade.socket.end(
                  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\nspdy',
                );
              else c.response?.writeHead(200, { 'Content-Type': 'text/plain' }).end('a line\n');
            }
          : undefined,
    });
  });
  afterAll(async () => {
    await server.close();
  });

  it('get the decoded body of the subresource\u2019s own kind', async () => {
    const answer = await server.ask(`${deployments}/d/scale?dryRun=All&fieldManager=me`, {
      method: 'PUT',
      json: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'd' }, spec: { replicas: 3 } },
    });
    expect([answer.status, answer.json().spec]).toEqual([200, { replicas: 3 }]);
    expect(call).toMatchObject({
      subresource: 'scale',
      namespace: 'default',
      name: 'd',
      verb: 'update',
      options: { dryRun: true },
    });
    expect(call?.ctx.fieldManager).toBe('me');
  });

  it('have no columns: what is answered once is never listed', async () => {
    const review = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token: 't' } };
    const ask = (accept: string) =>
      server.ask('/apis/authentication.k8s.io/v1/tokenreviews', {
        method: 'POST',
        json: review,
        headers: { Accept: accept },
      });
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const refused = await ask(table);
    expect([refused.status, refused.json()]).toEqual([406, expect.objectContaining({ reason: 'NotAcceptable' })]);
    const answered = await ask(`${table},application/json`);
    expect([answered.status, answered.json().kind]).toEqual([201, 'TokenReview']);
  });

  it('show a Scale as a Table, or its metadata alone', async () => {
    const ask = (as: string) =>
      server.ask(`${deployments}/d/scale`, { headers: { Accept: `application/json;as=${as};v=v1;g=meta.k8s.io` } });
    const { columnDefinitions, rows } = (await ask('Table')).json();
    expect((columnDefinitions as { name: string }[]).map(({ name }) => name)).toEqual([
      'Name',
      'Desired',
      'Available',
      'Age',
    ]);
    expect((rows as { cells: unknown[] }[])[0]?.cells).toEqual(['d', 1, 0, '<unknown>']);
    expect((await ask('PartialObjectMetadata')).json()).toMatchObject({ metadata: { name: 'd' } });
  });

  it('get a patch as a function', async () => {
    const answer = await server.ask(`${deployments}/d/scale`, {
      method: 'PATCH',
      body: '{"spec":{"replicas":7}}',
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    expect([answer.status, answer.json().spec, call?.verb]).toEqual([200, { replicas: 7 }, 'patch']);
  });

  it('are refused another kind than theirs', async () => {
    const { status, json } = await server.ask(`${deployments}/d/scale`, {
      method: 'PUT',
      json: { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'd' } },
    });
    expect([status, json().message]).toEqual([400, expect.stringContaining('cannot be handled as a Scale') as string]);
  });

  it('may refuse: the client is told when to come again', async () => {
    const { status, headers } = await server.ask(`${pods}/p/eviction`, {
      method: 'POST',
      json: { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: 'p' } },
    });
    expect([status, headers['retry-after']]).toEqual([429, '10']);
  });

  it('answer resources that are only created', async () => {
    const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
    const { status, json } = await server.ask(reviews, { method: 'POST', json: { spec: { token: 'x' } } });
    expect([status, json().kind, json().spec]).toEqual([201, 'TokenReview', { token: 'x' }]);
    expect((await server.ask(reviews)).status).toBe(405);
  });

  it('views of an object without a handler of their own are of the object\u2019s kind', async () => {
    await server.ask(pods, {
      method: 'POST',
      json: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name: 'p' },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      },
    });
    expect((await server.ask(`${pods}/p/status`)).json().kind).toBe('Pod');
    expect((await server.ask(`${pods}/p/binding`, { method: 'POST', json: {} })).status).toBe(404);
  });

  it('stream', async () => {
    const { status, text } = await server.ask(`${pods}/p/log?container=c`);
    expect([status, text, connected?.query.get('container')]).toEqual([200, 'a line\n', 'c']);
    expect((await server.ask(`${pods}/p/log`, { method: 'POST' })).status).toBe(405);
    expect((await server.ask(`${pods}/gone/log`)).status).toBe(404);
  });

  it('are told the rest of a proxied path', async () => {
    await server.ask(`${pods}/p/proxy/a/b?x=1`, { method: 'PUT', body: 'x' });
    expect([connected?.method, connected?.path, connected?.query.get('x')]).toEqual(['PUT', 'a/b', '1']);
  });

  const upgrade = (path: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem }, () => {
        socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`);
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('close', () => {
        resolve(text);
      });
    });

  it('are no place for a dry run', async () => {
    const { status, json } = await server.ask('/api/v1/namespaces/default/pods/p/proxy/?dryRun=All');
    expect([status, json()['message']]).toEqual([400, 'dryRun is not supported']);
  });

  it('own the connection of an upgrade', async () => {
    expect(await upgrade(`${pods}/p/exec?command=ls`)).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nspdy$/);
  });

  it('refuse an upgrade with an ordinary answer', async () => {
    expect(await upgrade(`${pods}/gone/exec`)).toMatch(/^HTTP\/1\.1 404 Not Found[^]*pods \\"gone\\" not found/);
  });

  it('warn of deprecated kinds, whatever is asked', async () => {
    const { headers } = await server.ask('/api/v1/endpoints');
    expect(headers.warning).toBe('299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"');
  });
});
