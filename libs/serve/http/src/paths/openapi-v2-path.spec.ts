import { createKindRegistry } from '@reckon/api/kinds';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

describe('/openapi/v2', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      kinds: createKindRegistry({ serve: (row) => row.group === 'apps' || row.resource === 'configmaps' }),
    });
  });
  afterAll(async () => {
    await server.close();
  });
  const get = (headers: Record<string, string>): ReturnType<TestServer['ask']> =>
    server.ask('/openapi/v2', { headers });

  it('is listed', async () => {
    expect((await server.ask('/')).json<{ paths: string[] }>().paths).toContain('/openapi/v2');
  });

  it.each([
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json, */*', 'application/json'],
    [protobuf, protobuf],
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', protobuf],
    [`text/html, application/json;q=0.5, ${protobuf};q=0.9`, protobuf],
  ])('gives to whoever accepts %j', async (accept, type) => {
    const { status, headers, body } = await get({ Accept: accept });
    expect([status, headers['content-type'], headers.vary, headers['content-encoding']]).toEqual([
      200,
      type,
      'Accept',
      undefined,
    ]);
    // Field 1, `swagger`, is the first of the message.
    expect(body.subarray(0, 5).toString()).toBe(type === protobuf ? '\n\x032.0' : '{"swa');
  });

  it('goes out compressed as it is kept, and not at all to whoever has it', async () => {
    const plain = await get({});
    const zipped = await get({ 'Accept-Encoding': 'gzip' });
    expect([zipped.headers['content-encoding'], zipped.headers.vary]).toEqual(['gzip', 'Accept, Accept-Encoding']);
    expect(gunzipSync(zipped.body)).toEqual(plain.body);
    const { etag = '' } = plain.headers;
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
    for (const known of [etag, `"x", W/${etag}`, '*']) {
      const { status, text, headers } = await get({ 'If-None-Match': known, Accept: protobuf });
      expect([status, text, headers.etag]).toEqual([304, '', etag]);
    }
    expect((await get({ 'If-None-Match': '"x"' })).status).toBe(200);
  });

  it('refuses other types without a word', async () => {
    const { status, text, headers } = await get({ Accept: 'application/yaml' });
    expect([status, text, headers.vary]).toEqual([406, '', 'Accept']);
  });
});
