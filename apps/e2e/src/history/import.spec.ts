import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawClient } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../resources/examples';
import { namespace } from '../resources/resource-example';
import { type HistoryCluster, startHistoryCluster } from './history-cluster.suite';

describe('an export of a cluster with everything in it', () => {
  const secrets = mkdtempSync(join(tmpdir(), 'reckon-import-'));
  const encryption = join(secrets, 'encryption.yaml');
  let cluster: HistoryCluster;
  let file: string;
  let lines: readonly string[];

  beforeAll(async () => {
    const key = { name: 'one', secret: randomBytes(32).toString('base64') };
    writeFileSync(
      encryption,
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'EncryptionConfiguration',
        resources: [{ resources: ['secrets', 'configmaps'], providers: [{ aesgcm: { keys: [key] } }] }],
      }),
    );
    cluster = await startHistoryCluster(['--nodes', '1', '--encryption-provider-config', encryption]);
    file = join(cluster.folder, 'export.ndjson');
    const client = RawClient.of(cluster.reckon.kubeconfig);
    const send = async (method: string, path: string, body?: object): Promise<void> => {
      const reply = await client.send(method, path, body === undefined ? {} : { body });
      if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`);
    };
    await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await cluster.kubectl.run('create deployment web --image=nginx');
    await cluster.kubectl.run('rollout status deployment/web --timeout=60s');
    await cluster.kubectl.run('delete deployment web --timeout=60s');
    for (const { resource, object } of examples) {
      const [group = '', version = '', name = ''] = resource.split('/');
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const scope = object.metadata.namespace === undefined ? '' : `/namespaces/${object.metadata.namespace}`;
      await send('POST', `${root}${scope}/${name}`, object);
    }
    await cluster.kubectl.run('delete crd --all --timeout=60s');
    client.close();
    await cluster.tell(['export', '-o', file]);
    lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  });
  afterAll(async () => {
    await cluster.dispose();
    rmSync(secrets, { recursive: true, force: true });
  });

  const importOf = (from: string, folder: string): ReturnType<HistoryCluster['reckonTo']> =>
    cluster.reckonTo(['import', from, '--data-dir', folder, '--encryption-provider-config', encryption]);

  /** As an export from before checksums, with one line of an object of this kind changed; and the number of that line. */
  function altered(
    kind: string,
    from: RegExp | string,
    to: string,
  ): { readonly text: string; readonly number: number } {
    const at = lines.findIndex((line) => line.includes(`"object":{"kind":"${kind}"`) && line.search(from) >= 0);
    expect(at, `a ${kind} with ${String(from)}`).toBeGreaterThan(0);
    const [header = '', ...rest] = lines.with(at, lines[at]!.replace(from, to)).slice(0, -1);
    return { text: [header.replace('/v2', '/v1'), ...rest, ''].join('\n'), number: at + 1 };
  }

  it('comes out of its import as it went in, encrypted or not, and with no checksum before', async () => {
    const kinds = new Set(lines.map((line) => /"object":\{"kind":"(\w+)"/.exec(line)?.[1]));
    for (const { object } of examples) expect(kinds).toContain(object.kind);
    const old = join(cluster.folder, 'old.ndjson');
    writeFileSync(old, altered('Namespace', '"kind"', '"kind"').text);
    for (const [from, name] of [
      [file, 'whole'],
      [old, 'old'],
    ] as const) {
      const folder = join(cluster.folder, name);
      const { code, stderr } = await importOf(from, folder);
      expect([code, stderr]).toEqual([0, '']);
      const flags = ['--data-dir', folder, '--encryption-provider-config', encryption];
      expect(await cluster.tell(['check', ...flags])).toMatch(/^sound: /);
      expect(await cluster.tell(['export', ...flags])).toBe(readFileSync(file, 'utf8'));
    }
  });

  it.each<[string, [kind: string, from: RegExp | string, to: string], string]>([
    [
      'a resource that nobody knows',
      ['Pod', '"resource":"pods"', '"resource":"cows"'],
      'there is no resource cows of v1',
    ],
    [
      'an object of another kind',
      ['APIService', '{"kind":"APIService"', '{"kind":"Pod"'],
      'its object is of kind Pod (',
    ],
    ['a uid that is a number', ['Pod', /"uid":"[^"]*"/, '"uid":5'], 'its object is not a Pod: json: cannot unmarshal'],
    ['a spec that is a string', ['Pod', /"spec":.*(?=,"status")/, '"spec":"str"'], 'its object is not a Pod: json: '],
    ['a field that nobody knows', ['Pod', '"spec":{', '"spec":{"speck":1,'], 'unknown field "spec.speck"'],
  ])('is refused from before checksums with %s, before anything is there', async (_, [kind, from, to], why) => {
    const { text, number } = altered(kind, from, to);
    const bad = join(cluster.folder, 'bad.ndjson');
    const folder = join(cluster.folder, 'bad');
    writeFileSync(bad, text);
    const { code, stdout, stderr } = await importOf(bad, folder);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`reckon: line ${String(number)}: `);
    expect(stderr).toContain(why);
    expect(existsSync(folder)).toBe(false);
  });

  it('is refused with a changed value that fits', async () => {
    const bad = join(cluster.folder, 'bad.ndjson');
    writeFileSync(bad, readFileSync(file, 'utf8').replace('"image":"nginx"', '"image":"nginy"'));
    const { code, stderr } = await importOf(bad, join(cluster.folder, 'bad'));
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`line ${String(lines.length)}: the lines before it were changed: their SHA-256 is `),
    ]);
    expect(existsSync(join(cluster.folder, 'bad'))).toBe(false);
  });
});
