import type { KubeObject } from '@reckon/api/machinery';
import type { AdmissionAttributes } from '@reckon/serve/admission';
import type { AuthzAttributes } from '@reckon/serve/authz';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const map = (name: string, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
});

describe('an update of what may be made by one', () => {
  let server: TestServer;
  let mayCreate: boolean | 'unknown' = true;
  let asked: AuthzAttributes[] = [];
  let admitted: AdmissionAttributes[] = [];
  beforeAll(async () => {
    server = await startTestServer({
      strategy: { allowCreateOnUpdate: true },
      authorize(attributes) {
        asked.push(attributes);
        if (attributes.verb !== 'create' || mayCreate === true) return { allowed: true, reason: '' };
        return { allowed: false, reason: 'no rule', ...(mayCreate === 'unknown' ? { error: 'cannot say' } : {}) };
      },
      admission: { admit: () => undefined, validate: (attributes) => void admitted.push(attributes) },
    });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    mayCreate = true;
    asked = [];
    admitted = [];
  });

  const put = (name: string, object: object, query = ''): Promise<Answer> =>
    server.ask(`${maps}/${name}${query}`, { method: 'PUT', json: object });
  const patch = (name: string, object: object, query = ''): Promise<Answer> =>
    server.ask(`${maps}/${name}${query}`, {
      method: 'PATCH',
      body: JSON.stringify(object),
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });

  it('needs the right to create when there is nothing', async () => {
    mayCreate = false;
    const { status, json } = await put('none', map('none'));
    expect([status, json()['message']]).toEqual([
      403,
      'configmaps "none" is forbidden: User "admin" cannot create resource "configmaps" in API group "" in the namespace "default": no rule',
    ]);
    expect((await server.ask(`${maps}/none`)).status).toBe(404);
    mayCreate = true;
    expect((await put('none', map('none'))).status).toBe(201);
    expect(asked.filter(({ verb }) => verb === 'create')).toMatchObject([{ name: 'none' }, { name: 'none' }]);
    mayCreate = false;
    expect((await put('none', map('none', { labels: { a: 'b' } }))).status).toBe(200);
  });

  it('is 500 when nobody can say who may create', async () => {
    mayCreate = 'unknown';
    const { status, json } = await put('unsure', map('unsure'));
    expect([status, json()['message']]).toEqual([500, 'Internal error occurred: cannot say']);
  });

  it('shows admission the options of what it comes to', async () => {
    await put('shown', map('shown'), '?fieldManager=me');
    await put('shown', map('shown', { labels: { a: 'b' } }), '?fieldManager=me');
    await patch('shown', { metadata: { labels: { a: 'c' } } }, '?fieldManager=me');
    expect(admitted.map(({ operation, options }) => [operation, options['kind'], options['fieldManager']])).toEqual([
      ['CREATE', 'CreateOptions', 'me'],
      ['UPDATE', 'UpdateOptions', 'me'],
      ['UPDATE', 'UpdateOptions', 'me'],
    ]);
  });

  it('makes nothing that was meant to be a certain object', async () => {
    const { status, json } = await put('gone', map('gone', { uid: 'u' }));
    expect([status, json()['message']]).toEqual([
      409,
      'Operation cannot be fulfilled on configmaps "gone": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/gone, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: ',
    ]);
  });

  it('takes equal owners once and names each that is too many', async () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
    const { headers, json } = await put('owned', map('owned', { ownerReferences: [owner, owner, owner] }));
    expect(headers['warning']).toMatch(
      /^299 - "\.metadata\.ownerReferences contains duplicate entries; .* observed: u, u"$/,
    );
    expect(json<KubeObject>().metadata.ownerReferences).toEqual([owner]);
  });
});
