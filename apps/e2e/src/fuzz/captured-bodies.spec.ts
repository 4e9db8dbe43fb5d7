import { join } from 'node:path';
import { createDecoder, createKindRegistry, stringifyObject } from '@reckon/api/kinds';
import type { GroupVersionKind, KubeObject } from '@reckon/api/machinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Helm, Kubectl, RawClient, type ReckonProcess, startReckon } from '@reckon/testkit';
import { type Recorded, type RecordingProxy, startRecordingProxy } from './recording-proxy';

const protobuf = 'application/vnd.kubernetes.protobuf';

describe('bodies of real clients', () => {
  const kinds = createKindRegistry();
  const decoder = createDecoder(kinds);
  let reckon: ReckonProcess;
  let proxy: RecordingProxy;
  let kubectl: Kubectl;
  let client: RawClient;

  beforeAll(async () => {
    reckon = await startReckon();
    proxy = await startRecordingProxy(reckon.kubeconfig);
    kubectl = new Kubectl(proxy.kubeconfig);
    client = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    client.close();
    await proxy.close();
    await reckon.dispose();
  });

  /** The kind of the objects in a collection, from its path. */
  const kindAt = (path: string): GroupVersionKind => {
    const parts = (path.split('?')[0] ?? '').split('/').slice(1);
    const [group, version, rest] =
      parts[0] === 'api'
        ? (['', parts[1] ?? '', parts.slice(2)] as const)
        : ([parts[1] ?? '', parts[2] ?? '', parts.slice(3)] as const);
    const [resource = '', , subresource = ''] = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
    const row = kinds.resource(group, version, resource);
    if (row === undefined) throw new Error(`no resource at ${path}`);
    return subresource === '' ? row : (row.subresources.find(({ name }) => name === subresource) ?? row);
  };
  const decode = async (contentType: string, body: Buffer, expected: GroupVersionKind): Promise<KubeObject> =>
    (await decoder.decode(body, { contentType, expected, strict: true })).object;
  /** Runs it and gives what it sent to create things. */
  const created = async (run: () => Promise<unknown>): Promise<Recorded[]> => {
    const from = proxy.recorded.length;
    await run();
    return proxy.recorded.slice(from).filter(({ method }) => method === 'POST');
  };

  it.each([
    'configmap one --from-literal=k=v',
    'secret generic two --from-literal=k=v',
    'deployment web --image=nginx --replicas=0 --port=80',
    'service clusterip web --tcp=80:8080',
    'job once --image=nginx',
    'cronjob often --image=nginx --schedule=*/5_*_*_*_*',
    'role reader --verb=get,list --resource=pods',
    'rolebinding reader --role=reader --user=ann',
    'clusterrole reader --verb=get --resource=nodes',
    'clusterrolebinding reader --clusterrole=reader --user=ann',
    'quota small --hard=count/jobs.batch=50,requests.storage=1500m',
    'priorityclass high --value=1000 --description=much',
    'poddisruptionbudget web --selector=app=web --min-available=50%',
    'ingress web --rule=a.example.com/*=web:80',
    'serviceaccount robot',
    'namespace team',
  ])('kubectl create %s sends the object that it prints as JSON', async (command) => {
    const args = ['create', ...command.split(' ').map((word) => word.replaceAll('_', ' '))];
    const printed = JSON.parse(await kubectl.run([...args, '--dry-run=client', '-o', 'json'])) as KubeObject;
    const [sent, ...others] = await created(() => kubectl.run(args));
    if (sent === undefined) throw new Error('nothing was sent');
    expect(others).toEqual([]);
    expect(sent.contentType).toBe(protobuf);
    const expected = kindAt(sent.path);
    const object = await decode(sent.contentType, sent.body, expected);
    const wanted = await decode('application/json', Buffer.from(JSON.stringify(printed)), expected);
    delete wanted.metadata.namespace;
    delete object.metadata.namespace;
    expect(stringifyObject(object)).toBe(stringifyObject(wanted));

    // The same object in the other form says the same.
    const row = kinds.kind(expected.group, expected.version, expected.kind);
    if (row === undefined) throw new Error(`${expected.kind} has no row`);
    const type = { apiVersion: object.apiVersion ?? '', kind: row.kind };
    const packed = kinds.protobuf.body(type, row.type, object);
    expect(stringifyObject(await decode(protobuf, packed, expected))).toBe(stringifyObject(object));
  });

  it('helm installs with bodies that decode to what the cluster then has', async () => {
    const helm = new Helm(proxy.kubeconfig);
    const from = proxy.recorded.length;
    await helm.run(
      'install',
      'books',
      join(import.meta.dirname, '../helm/chart'),
      '--wait',
      '--timeout',
      '60s',
      '--set',
      'replicas=1',
    );
    const sent = proxy.recorded.slice(from).filter(({ method }) => method !== 'DELETE');
    expect(sent.length).toBeGreaterThan(8);
    const forms = new Set(sent.map(({ contentType }) => contentType.split(';')[0] ?? ''));
    expect([...forms].sort()).toEqual(['application/apply-patch+yaml', protobuf]);
    for (const { contentType, path, body, method } of sent) {
      const expected = kindAt(path);
      const form = method === 'PATCH' ? 'application/json' : contentType;
      const object = await decode(form, body, expected);
      const name = object.metadata.name ?? '';
      const collection = path.split('?')[0] ?? '';
      const { body: now } = await client.send('GET', method === 'POST' ? `${collection}/${name}` : collection);
      const stored = await decode('application/json', Buffer.from(JSON.stringify(now)), expected);
      expect([object.kind, object.metadata.name]).toEqual([stored.kind, stored.metadata.name]);
      for (const field of ['data', 'spec', 'rules', 'subjects', 'roleRef'])
        if (field in object && object.metadata.labels?.['owner'] !== 'helm')
          expect(stored[field], `${path} ${field}`).toMatchObject(given(object[field]));
    }
  });
});

/** What was said, without the zero values that only decoding put there. */
function given(value: unknown): object {
  return JSON.parse(JSON.stringify(value, (_, item: unknown) => (item === null ? undefined : item))) as object;
}
