import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kubectl, RawClient, type ReckonProcess, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whoAmI } from './who-am-i';

let reckon: ReckonProcess;
let admin: RawClient;
let proxy: RawClient;
const pem = (name: string): string => readFileSync(join(reckon.dataDir, 'pki', name), 'utf8');

beforeAll(async () => {
  reckon = await startReckon({ flags: ['--nodes', '1'] });
  admin = RawClient.of(reckon.kubeconfig);
  proxy = admin.as({ certPem: pem('front-proxy-client.crt'), keyPem: pem('front-proxy-client.key') });
});
afterAll(async () => {
  admin.close();
  proxy.close();
  await reckon.dispose();
});

describe('W16: a cluster that no flag tells of a front proxy', () => {
  it('trusts its own, as one of kubeadm does', async () => {
    const headers = { 'x-remote-user': 'dave', 'x-remote-group': 'dev', 'x-remote-extra-role': 'x' };
    expect(await whoAmI(proxy, headers)).toEqual({
      username: 'dave',
      groups: ['dev', 'system:authenticated'],
      extra: { role: ['x'] },
    });
    expect(await whoAmI(proxy)).toBe(401);
    expect(await whoAmI(admin, headers)).toMatchObject({ username: 'kubernetes-admin' });
  });

  it('tells servers that leave authentication to it by whom and how users are named', async () => {
    const { data } = await new Kubectl(reckon.kubeconfig).json<{ data: Record<string, string> }>(
      'get configmap -n kube-system extension-apiserver-authentication',
    );
    expect(data).toEqual({
      'client-ca-file': pem('ca.crt'),
      'requestheader-client-ca-file': pem('front-proxy-ca.crt'),
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    });
  });
});
