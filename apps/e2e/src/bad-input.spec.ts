import { type Socket, connect as connectTcp } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RawReply,
  type ReckonProcess,
  RawClient,
  eventually,
  readKubeconfig,
  startReckon,
  strangersCertificate,
} from '@reckon/testkit';

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, further: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...further,
});

describe('bad input', () => {
  let reckon: ReckonProcess;
  let client: RawClient;

  beforeAll(async () => {
    reckon = await startReckon();
    client = RawClient.of(reckon.kubeconfig);
    expect((await client.send('POST', configMaps, { body: configMap('there', { data: { a: '1' } }) })).status).toBe(
      201,
    );
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
  });

  /** The answer is a whole Status with these fields. */
  const expectStatus = (reply: RawReply, code: number, reason: string, message: string | RegExp = /./): void => {
    expect(reply.body, reply.text.slice(0, 500)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code,
      reason,
    });
    expect(reply.status).toBe(code);
    const said = (reply.body as { message: string }).message;
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(said).not.toMatch(/\n\s+at /);
  };
  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}, path = configMaps): Promise<RawReply> =>
    client.send('POST', path, { body, headers });

  describe('in a body', () => {
    it('is refused where the JSON is truncated, empty, or no object', async () => {
      expectStatus(await post('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"na'), 400, 'BadRequest');
      expectStatus(await post(''), 400, 'BadRequest');
      expectStatus(await post('[]'), 400, 'BadRequest');
      // As upstream: null decodes to an object that says nothing.
      expectStatus(await post('null'), 422, 'Invalid', /name or generateName is required/);
      expectStatus(await post('"text"'), 400, 'BadRequest');
      expectStatus(await post('{}{}'), 400, 'BadRequest');
    });

    it('is refused with 413 where it is over 3 MiB, whether or not its length is told', async () => {
      const big = JSON.stringify(configMap('big', { data: { a: 'x'.repeat(10 * 1024 * 1024) } }));
      expectStatus(await post(big), 413, 'RequestEntityTooLarge', /limit is 3145728/);
      const chunked = await client
        .send('POST', configMaps, { body: big, headers: { 'transfer-encoding': 'chunked' } })
        .catch(
          // A server may reset the connection of a peer that goes on sending what it has refused.
          (error: unknown) => error as NodeJS.ErrnoException,
        );
      if ('status' in chunked) expectStatus(chunked, 413, 'RequestEntityTooLarge');
      else expect(['ECONNRESET', 'EPIPE']).toContain(chunked.code);
    });

    it('is refused where it nests ten thousand deep', async () => {
      const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
      const reply = await post(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"x":${deep}}`);
      expectStatus(reply, 400, 'BadRequest', /exceeded max depth|nest/);
      const arrays = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
      expectStatus(
        await post(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"x":${arrays}}`),
        400,
        'BadRequest',
      );
    });

    it('keeps __proto__ and constructor as plain, inert keys', async () => {
      const created = await post(
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto","labels":{"__proto__":"x"}},' +
          '"data":{"__proto__":"polluted","constructor":"c","hasOwnProperty":"h"},"__proto__":{"data":{"evil":"1"}}}',
      );
      // A label's name may not begin with an underscore: validation has seen it, nothing was polluted.
      expectStatus(created, 422, 'Invalid', /metadata\.labels/);
      const plain = await post(
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"data":{"__proto__":"p","constructor":"c"}}',
      );
      expect(plain.status, plain.text).toBe(201);
      const read = await client.send('GET', `${configMaps}/proto`);
      expect(read.text).toContain('"data":{"__proto__":"p","constructor":"c"}');
      expect((await client.send('GET', `${configMaps}/__proto__`)).status).toBe(404);
      expect((await client.send('GET', '/api/v1/namespaces/default/__proto__')).status).toBe(404);
      expect((await client.send('GET', '/apis/constructor/v1')).status).toBe(404);
    });

    it('tells duplicate and unknown keys: a warning by default, an error if strict, nothing if ignored', async () => {
      const twice = (name: string): string =>
        `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{"a":"1","a":"2"},"nope":1}`;
      const warned = await post(twice('twice-warn'));
      expect(warned.status).toBe(201);
      expect(warned.headers['warning']).toBe('299 - "duplicate field \\"data.a\\"", 299 - "unknown field \\"nope\\""');
      expect(warned.body).toMatchObject({ data: { a: '2' } });
      const strict = await post(twice('twice-strict'), {}, `${configMaps}?fieldValidation=Strict`);
      expectStatus(strict, 400, 'BadRequest', /strict decoding error: duplicate field "data.a", unknown field "nope"$/);
      const ignored = await post(twice('twice-ignore'), {}, `${configMaps}?fieldValidation=Ignore`);
      expect(ignored.status).toBe(201);
      expect(ignored.headers['warning']).toBeUndefined();
      const wrong = await post(configMap('x'), {}, `${configMaps}?fieldValidation=Perhaps`);
      expectStatus(wrong, 422, 'Invalid', /fieldValidation/);
    });

    it('survives invalid UTF-8', async () => {
      const bytes = Buffer.concat([
        Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"utf"},"data":{"a":"'),
        Buffer.from([0xff, 0xfe, 0xc0]),
        Buffer.from('"}}'),
      ]);
      // encoding/json, which upstream decodes with, puts the replacement character for each byte that is none.
      const reply = await post(bytes);
      expect(reply.status, reply.text).toBe(201);
      expect(reply.body).toMatchObject({ data: { a: '\ufffd\ufffd\ufffd' } });
    });

    it('is refused with 415 where nobody reads that content type', async () => {
      const reply = await post('<xml/>', { 'content-type': 'application/xml' });
      expectStatus(
        reply,
        415,
        'UnsupportedMediaType',
        /^the body of the request was in an unknown format - accepted media types include: /,
      );
      const patch = await client.send('PATCH', `${configMaps}/there`, {
        body: '{}',
        headers: { 'content-type': 'text/plain' },
      });
      expectStatus(patch, 415, 'UnsupportedMediaType');
      const accept = await client.send('GET', configMaps, { headers: { accept: 'text/xml' } });
      expectStatus(
        accept,
        406,
        'NotAcceptable',
        /^406: Not Acceptable\n\nAvailable representations: application\/json, /,
      );
    });

    it('is refused where protobuf is damaged', async () => {
      const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
      expectStatus(
        await post(Buffer.from([0x6b, 0x38, 0x73, 0x00, 0xff, 0xff, 0xff, 0xff]), headers),
        400,
        'BadRequest',
      );
      expectStatus(await post(Buffer.from('no magic'), headers), 400, 'BadRequest');
    });

    it('is refused where the kind, version or namespace is another', async () => {
      expectStatus(
        await post({ ...configMap('x'), kind: 'Secret' }),
        400,
        'BadRequest',
        /Secret.*cannot be handled as a ConfigMap/,
      );
      expectStatus(
        await post({ ...configMap('x'), apiVersion: 'v9' }),
        400,
        'BadRequest',
        /no kind "ConfigMap" is registered for version "v9"/,
      );
      expectStatus(
        await post({ ...configMap('x'), kind: 'Nope' }),
        400,
        'BadRequest',
        /no kind "Nope" is registered for version "v1"/,
      );
      expectStatus(
        await post({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'other' } }),
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      );
      expectStatus(
        await post({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
        422,
        'Invalid',
        /name or generateName is required/,
      );
      expectStatus(await post(configMap('Bad_Name!')), 422, 'Invalid', /RFC 1123 subdomain/);
      expectStatus(
        await post(configMap('x', { data: { a: 1 } })),
        400,
        'BadRequest',
        /cannot unmarshal number into Go struct field ConfigMap\.data of type string/,
      );
      expectStatus(
        await client.send('PUT', `${configMaps}/there`, { body: configMap('another') }),
        400,
        'BadRequest',
        'the name of the object (another) does not match the name on the URL (there)',
      );
    });

    it('is refused where it goes against what is stored', async () => {
      expectStatus(await post(configMap('there')), 409, 'AlreadyExists', 'configmaps "there" already exists');
      const stale = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'there', resourceVersion: '1' },
        data: {},
      };
      expectStatus(
        await client.send('PUT', `${configMaps}/there`, { body: stale }),
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "there": the object has been modified; please apply your changes to the latest version and try again',
      );
      const uid = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
      expectStatus(
        await client.send('DELETE', `${configMaps}/there`, { body: uid }),
        409,
        'Conflict',
        /the UID in the precondition \(0{8}-.*\) does not match the UID in record \(/,
      );
      const fixed = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'fixed' },
        immutable: true,
        data: { a: '1' },
      };
      expect((await post(fixed)).status).toBe(201);
      expectStatus(
        await client.send('PUT', `${configMaps}/fixed`, { body: { ...fixed, data: { a: '2' } } }),
        422,
        'Invalid',
        /data: Forbidden: field is immutable when `immutable` is set/,
      );
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      };
      expect((await post(pod, {}, '/api/v1/namespaces/default/pods')).status).toBe(201);
      const patch = await client.send('PATCH', '/api/v1/namespaces/default/pods/p', {
        body: { spec: { restartPolicy: 'Never' } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
      expectStatus(patch, 422, 'Invalid', /pod updates may not change fields other than/);
    });
  });

  describe('in a query', () => {
    it('is refused where a selector or a parameter cannot be read', async () => {
      expectStatus(
        await client.send('GET', '/api/v1/pods?fieldSelector=spec.nope%3D1'),
        400,
        'BadRequest',
        'field label not supported: spec.nope',
      );
      expectStatus(
        await client.send('GET', '/api/v1/pods?labelSelector=a%3D%3D%3Db'),
        400,
        'BadRequest',
        /unable to parse requirement/,
      );
      expectStatus(await client.send('GET', '/api/v1/pods?limit=many'), 400, 'BadRequest');
      expectStatus(
        await client.send('GET', '/api/v1/pods?continue=bm9uc2Vuc2U'),
        400,
        'BadRequest',
        /continue key is not valid/,
      );
      expectStatus(
        await client.send('GET', '/api/v1/pods?resourceVersion=abc'),
        400,
        'BadRequest',
        /resourceVersion|strconv/i,
      );
      expectStatus(
        await client.send('GET', '/api/v1/nopes'),
        404,
        'NotFound',
        'the server could not find the requested resource',
      );
      expectStatus(
        await client.send('PUT', configMaps, { body: configMap('x') }),
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      );
    });

    it('survives paths that no client sends', async () => {
      for (const path of [
        '/%',
        '/api/v1/namespaces/%2e%2e/pods',
        '/api/v1/namespaces/default/pods/%00',
        `/${'a'.repeat(10_000)}`,
      ]) {
        const reply = await client.send('GET', path);
        expect(reply.status, path.slice(0, 60)).toBeLessThan(500);
      }
    });
  });

  describe('as credentials', () => {
    it('is 401, never anonymous', async () => {
      const nobody = client.as({});
      expectStatus(
        await nobody.send('GET', '/api/v1/pods'),
        403,
        'Forbidden',
        /User "system:anonymous" cannot list resource "pods"/,
      );
      for (const token of ['garbage', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', `eyJ${'x'.repeat(20_000)}`])
        expectStatus(await nobody.as({ token }).send('GET', '/api/v1/pods'), 401, 'Unauthorized', 'Unauthorized');
      for (const authorization of ['Bearer', 'Bearer  ', 'Basic YTpi', 'Nonsense'])
        expect(
          (await nobody.send('GET', '/api/v1/pods', { headers: { authorization } })).status,
          authorization,
        ).toBeGreaterThanOrEqual(401);
    });

    it('is 401 with a certificate of an unknown authority', async () => {
      const stranger = client.as(await strangersCertificate());
      const reply = await stranger.send('GET', '/api/v1/pods');
      expectStatus(reply, 401, 'Unauthorized', 'Unauthorized');
      stranger.close();
    });
  });

  describe('on the wire', () => {
    const { host, port } = { host: '127.0.0.1', port: () => Number(client.url.port) };
    const tls = (): Promise<TLSSocket> => {
      const { caPem, certPem, keyPem } = readKubeconfig(reckon.kubeconfig);
      return new Promise((resolve, reject) => {
        const socket = connectTls({ host, port: port(), ca: caPem, cert: certPem, key: keyPem }, () => {
          resolve(socket);
        });
        socket.once('error', reject);
      });
    };
    const answerOf = (socket: Socket): Promise<string> =>
      new Promise((resolve) => {
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
        socket.once('error', () => undefined);
        socket.once('close', () => {
          resolve(text);
        });
      });

    it('that is no HTTP is answered with 400 and ended', async () => {
      const socket = await tls();
      socket.write('nonsense\r\n\r\n');
      expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 400 /);
    });

    it('that is no TLS is ended', async () => {
      const socket = connectTcp(port(), host);
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
      const answer = await answerOf(socket);
      expect(answer).not.toMatch(/^HTTP\/1\.1 200/);
    });

    it('with headers over 1 MB is refused', async () => {
      const socket = await tls();
      const answer = answerOf(socket);
      socket.write(`GET /version HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(1_200_000)}\r\n\r\n`);
      expect(await answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    });

    it('slow and half-open peers hold up nobody', async () => {
      const open: Socket[] = [];
      for (let i = 0; i < 100; i++) {
        const slowHead = await tls();
        slowHead.write('GET /version HTTP/1.1\r\nhost: x\r\nx-slow: ');
        const slowBody = await tls();
        slowBody.write(
          `POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a`,
        );
        const silent = connectTcp(port(), host);
        open.push(slowHead, slowBody, silent);
      }
      for (const socket of open) socket.on('error', () => undefined);
      const drip = setInterval(() => {
        for (const socket of open) if (socket.writable) socket.write(' ');
      }, 50);
      const began = performance.now();
      for (let i = 0; i < 50; i++) expect((await client.send('GET', '/version')).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(10_000);
      clearInterval(drip);
      // Half of them vanish without a word to TLS, half by a reset.
      for (const socket of open)
        if ('encrypted' in socket) socket.destroy();
        else socket.resetAndDestroy();
    });

    it('requests that are given up half-way leave nothing behind', async () => {
      for (let i = 0; i < 50; i++) {
        const socket = await tls();
        socket.write(
          `POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`,
        );
        socket.write('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"half"}');
        socket.destroy();
      }
      expectStatus(await client.send('GET', `${configMaps}/half`), 404, 'NotFound');
    });
  });

  describe('to a watch', () => {
    const watch = `${configMaps}?watch=1`;

    it('from a revision of the future opens and is silent until then; reads answer 504', async () => {
      const head = await newest(client);
      const open = await client.watch(`${watch}&resourceVersion=${String(head + 3)}`);
      expect(open.status).toBe(200);
      for (const n of [1, 2, 3, 4]) await post(configMap(`future-${String(n)}`));
      await eventually(() => {
        expect(open.events.map(({ object }) => (object['metadata'] as { name: string }).name)).toContain('future-4');
      });
      const versions = open.events.map(({ object }) =>
        Number((object['metadata'] as { resourceVersion: string }).resourceVersion),
      );
      expect(Math.min(...versions)).toBeGreaterThan(head + 3);
      open.close();

      const future = String(head + 1_000_000);
      expectStatus(
        await client.send('GET', `${configMaps}?resourceVersion=${future}`),
        504,
        'Timeout',
        /^Timeout: Too large resource version: \d+, current: \d+$/,
      );
      expectStatus(
        await client.send('GET', `${configMaps}/there?resourceVersion=${future}`),
        504,
        'Timeout',
        /^Timeout: Too large resource version/,
      );
    });

    it('without a revision begins with what is there, then goes on', async () => {
      const open = await client.watch(`${watch}&fieldSelector=metadata.name%3Dthere`);
      await eventually(() => {
        expect(open.events.map((event) => event.type)).toEqual(['ADDED']);
      });
      await client.send('PATCH', `${configMaps}/there`, {
        body: { data: { a: '2' } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
      await eventually(() => {
        expect(open.events.map((event) => event.type)).toEqual(['ADDED', 'MODIFIED']);
      });
      open.close();
    });

    it('streams a list that ends with a bookmark where sendInitialEvents asks for it', async () => {
      const open = await client.watch(
        `${watch}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      );
      await eventually(() => {
        const last = open.events.at(-1);
        expect(last?.type).toBe('BOOKMARK');
        expect(last?.object['metadata']).toMatchObject({ annotations: { 'k8s.io/initial-events-end': 'true' } });
      });
      const listed = (await client.send('GET', configMaps)).body as { items: unknown[] };
      expect(open.events.filter((event) => event.type === 'ADDED')).toHaveLength(listed.items.length);
      open.close();
      expectStatus(await client.send('GET', `${watch}&sendInitialEvents=true`), 422, 'Invalid', /resourceVersionMatch/);
    });

    it('that cannot be read is refused', async () => {
      const unread = await client.send('GET', `${watch}&resourceVersion=abc`);
      expect([unread.status, unread.text]).toEqual([500, expect.stringContaining('strconv.ParseUint')]);
      expectStatus(await client.send('GET', `${watch}&fieldSelector=spec.nope%3D1`), 400, 'BadRequest');
      const ended = await client.watch(`${watch}&timeoutSeconds=1`);
      await ended.ended;
      expect(ended.status).toBe(200);
    });

    it('sees an object leave its selector as DELETED and come back as ADDED', async () => {
      await post({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moving', labels: { in: 'yes' } } });
      const open = await client.watch(`${watch}&labelSelector=in%3Dyes`);
      const label = (value: string): Promise<RawReply> =>
        client.send('PATCH', `${configMaps}/moving`, {
          body: { metadata: { labels: { in: value } } },
          headers: { 'content-type': 'application/merge-patch+json' },
        });
      await label('no');
      await label('yes');
      await client.send('DELETE', `${configMaps}/moving`);
      await eventually(() => {
        expect(open.events.map((event) => event.type)).toEqual(['ADDED', 'DELETED', 'ADDED', 'DELETED']);
      });
      open.close();
    });
  });

  describe('to a read at a revision', () => {
    interface List {
      readonly metadata: {
        readonly resourceVersion: string;
        readonly continue?: string;
        readonly remainingItemCount?: number;
      };
      readonly items: readonly { readonly metadata: { readonly name: string } }[];
    }
    const list = async (query: string): Promise<List> =>
      (await client.send('GET', `${configMaps}?${query}`)).body as List;

    it('pages; revision 0 ignores the limit; each list has a revision of at least 1', async () => {
      const all = await list('');
      expect(all.items.length).toBeGreaterThan(4);
      const first = await list('limit=2');
      expect(first.items).toHaveLength(2);
      expect(first.metadata.remainingItemCount).toBe(all.items.length - 2);
      const next = await list(`limit=500&continue=${encodeURIComponent(first.metadata.continue ?? '')}`);
      expect([...first.items, ...next.items].map(({ metadata }) => metadata.name)).toEqual(
        all.items.map(({ metadata }) => metadata.name),
      );
      expect(next.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      expect((await list('limit=2&resourceVersion=0')).items).toHaveLength(all.items.length);
      const empty = (await client.send('GET', '/api/v1/namespaces/nowhere/limitranges')).body as List;
      expect(empty.items).toEqual([]);
      expect(Number(empty.metadata.resourceVersion)).toBeGreaterThanOrEqual(1);
    });

    it('shows an exact revision of the past, and refuses questions that make no sense', async () => {
      const before = await list('');
      expect((await post(configMap('later'))).status).toBe(201);
      const then = before.metadata.resourceVersion;
      const past = await list(`resourceVersion=${then}&resourceVersionMatch=Exact`);
      expect(past).toEqual(before);
      expect((await list(`resourceVersion=${then}&resourceVersionMatch=NotOlderThan`)).items).toHaveLength(
        before.items.length + 1,
      );
      for (const query of [
        'resourceVersionMatch=Exact',
        'resourceVersion=0&resourceVersionMatch=Exact',
        `resourceVersion=${then}&resourceVersionMatch=Sometimes`,
        `resourceVersion=${then}&resourceVersionMatch=Exact&continue=x`,
      ])
        expectStatus(await client.send('GET', `${configMaps}?${query}`), 422, 'Invalid', /resourceVersion/);
      // A get is at least as new as asked for.
      const got = await client.send('GET', `${configMaps}/later?resourceVersion=${then}`);
      expect(got.status).toBe(200);
    });
  });

  it('leaves a healthy server behind', async () => {
    expect(await Promise.race([reckon.ended, Promise.resolve('running')]), reckon.output()).toBe('running');
    expect((await client.send('GET', '/readyz')).text).toBe('ok');
    expect((await client.send('GET', '/livez')).text).toBe('ok');
    const created = await post(configMap('afterwards'));
    expect(created.status).toBe(201);
    expect(reckon.output()).not.toMatch(/\n\s+at |Unhandled|uncaught/i);
  });
});

async function newest(client: RawClient): Promise<number> {
  const list = (await client.send('GET', configMaps)).body as { metadata: { resourceVersion: string } };
  return Number(list.metadata.resourceVersion);
}
