import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, whoAmI } from './who-am-i';

const folder = mkdtempSync(join(tmpdir(), 'reckon-secret-tokens-'));
const passwords = join(folder, 'passwords.csv');
let reckon: ReckonProcess;
let kubectl: Kubectl;
let admin: RawClient;

beforeAll(async () => {
  writeFileSync(passwords, 'first,bob,u-2\n');
  reckon = await startReckon({ flags: ['--nodes', '0', '--basic-auth-file', passwords] });
  kubectl = new Kubectl(reckon.kubeconfig);
  admin = RawClient.of(reckon.kubeconfig);
});
afterAll(async () => {
  admin.close();
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Secret {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly data?: { readonly token?: string };
}
const secretOf = async (name: string): Promise<Secret> =>
  JSON.parse(await kubectl.run(['get', 'secret', name, '-o', 'json'])) as Secret;
const tokenIn = (name: string): Promise<string> =>
  eventually(async () => {
    const { data } = await secretOf(name);
    expect(data?.token).toBeDefined();
    return Buffer.from(data?.token ?? '', 'base64').toString();
  });

describe('a token in a Secret', () => {
  it.each([
    ['that somebody made', 'mine', []],
    [
      'that a controller made, which is warned of',
      'generated',
      [
        '299 - "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens."',
      ],
    ],
  ])('%s leaves the day of its last use there', async (_, which, warnings) => {
    if (which === 'mine')
      await kubectl.run('apply -f -', {
        stdin: JSON.stringify({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: which, annotations: { 'kubernetes.io/service-account.name': 'default' } },
          type: 'kubernetes.io/service-account-token',
        }),
      });
    const path = ['get', 'serviceaccount', 'default', '-o', 'jsonpath={.secrets[0].name}'];
    const name = which === 'mine' ? which : await kubectl.run(path);
    const client = admin.as({ token: await tokenIn(name) });
    const reply = await send(client);
    expect(reply.status).toBe(201);
    expect([reply.headers['warning'] ?? []].flat()).toEqual(warnings);
    client.close();
    const label = 'kubernetes.io/legacy-token-last-used';
    await eventually(async () => {
      expect((await secretOf(name)).metadata.labels?.[label]).toMatch(/^\d{4}-\d\d-\d\d$/);
    });
    const fields = await kubectl.run(['get', 'secret', name, '-o', 'json', '--show-managed-fields']);
    const { metadata } = JSON.parse(fields) as {
      metadata: { managedFields: { manager: string; fieldsV1: object }[] };
    };
    const entry = metadata.managedFields.find(({ manager }) => manager === 'kube-apiserver');
    expect(entry?.fieldsV1).toEqual({ 'f:metadata': { 'f:labels': { '.': {}, [`f:${label}`]: {} } } });
  });
});

describe('a file of passwords', () => {
  it('is read again when it changes', async () => {
    const bob = (password: string) =>
      whoAmI(nobody, { authorization: `Basic ${Buffer.from(`bob:${password}`).toString('base64')}` });
    const nobody = admin.as({});
    expect([await bob('first'), await bob('second')]).toEqual([expect.objectContaining({ username: 'bob' }), 401]);
    const put = (text: string): void => {
      writeFileSync(`${passwords}.new`, text);
      renameSync(`${passwords}.new`, passwords);
    };
    put('second,bob,u-2\n');
    await eventually(async () => {
      expect(await bob('second')).toMatchObject({ username: 'bob' });
    });
    expect(await bob('first')).toBe(401);
    put('broken\n');
    await eventually(() => {
      expect(reckon.output()).toContain('passwords');
    });
    expect(await bob('second')).toMatchObject({ username: 'bob' });
    nobody.close();
  });
});
