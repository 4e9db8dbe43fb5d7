import { createKindRegistry } from '@reckon/api/kinds';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createOpenapiV2 } from './openapi-v2';

describe('OpenAPI v2', () => {
  const kinds = createKindRegistry({ serve: (row) => row.resource === 'configmaps' });
  const openapi = createOpenapiV2(kinds, { version: 'v1.36.2' });

  it('is made once, and has one tag for both forms', async () => {
    const asked = openapi.document('json');
    expect(openapi.document('json')).toBe(asked);
    const { zipped, etag } = await asked;
    const text = gunzipSync(zipped);
    expect((JSON.parse(text.toString()) as { swagger: string }).swagger).toBe('2.0');
    expect(etag).toBe(`"${createHash('sha512').update(text).digest('hex').toUpperCase()}"`);
    const protobuf = await openapi.document('protobuf');
    expect(protobuf.etag).toBe(etag);
    expect(gunzipSync(protobuf.zipped).subarray(0, 5)).toEqual(Buffer.from('\n\x032.0'));
  });

  it('follows the registry', async () => {
    const before = await openapi.document('json');
    const row = createKindRegistry().resource('apps', 'v1', 'deployments');
    if (row === undefined) throw new Error('no deployments');
    kinds.add(row);
    const changed = await openapi.document('json');
    expect(changed.etag).not.toBe(before.etag);
    expect(gunzipSync(changed.zipped).toString()).toContain('"io.k8s.api.apps.v1.Deployment":');
    kinds.remove('apps', 'v1', 'deployments');
    expect((await openapi.document('json')).etag).toBe(before.etag);
  });
});
