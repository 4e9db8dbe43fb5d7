import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@reckon/kernel';
import { createAuthority } from '@reckon/pki';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readReviewEndpoint, readWebhookEndpoint } from './review-endpoint';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-endpoint-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function kubeconfig(user: object, cluster: object = {}): string {
  const file = join(folder, 'kubeconfig');
  const document = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://hook.example.com/x', ...cluster } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(file, stringify(document));
  return file;
}
const server = 'https://hook.example.com/x';

describe('where a kubeconfig of a webhook leads', () => {
  it('says who we are there, and what proves that it is the one', () => {
    expect(readReviewEndpoint(kubeconfig({ username: 'a', password: 'b' }, { 'tls-server-name': 'h' }))).toEqual({
      server,
      basic: { username: 'a', password: 'b' },
      tlsServerName: 'h',
    });
    expect(readReviewEndpoint(kubeconfig({ token: 't' }, { 'insecure-skip-tls-verify': true }))).toEqual({
      server,
      token: 't',
      insecureSkipTlsVerify: true,
    });
  });

  it('follows the file of an authority', () => {
    const authority = createAuthority({ commonName: 'hooks', clock: systemClock }).certPem;
    writeFileSync(join(folder, 'ca.crt'), authority);
    const { authorities } = readReviewEndpoint(kubeconfig({ token: 't' }, { 'certificate-authority': 'ca.crt' }));
    expect(authorities?.()).toBe(authority);
  });

  it('follows a token file, and asks a program', async () => {
    writeFileSync(join(folder, 'token'), 'from-file');
    const { source } = readReviewEndpoint(kubeconfig({ token: 'inline', tokenFile: 'token' }));
    expect(await source?.current()).toEqual({ token: 'from-file' });
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'x' },
    };
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: ['-p', `'${JSON.stringify(credential)}'`],
      interactiveMode: 'Never',
    };
    expect(await readReviewEndpoint(kubeconfig({ exec })).source?.current()).toEqual({ token: 'x' });
  });

  it('goes by a proxy, and is refused where that cannot be', () => {
    expect(readReviewEndpoint(kubeconfig({}, { 'proxy-url': 'http://proxy:3128' })).tunnel).toBeTypeOf('function');
    expect(() => readReviewEndpoint(kubeconfig({}, { 'proxy-url': 'ftp://proxy' }))).toThrow(/names no proxy/);
    const plain = { server: 'http://hook/', 'proxy-url': 'http://proxy:3128' };
    expect(() => readWebhookEndpoint(kubeconfig({}, plain))).toThrow(/proxy-url is for servers by https:/);
    expect(() => readReviewEndpoint(kubeconfig({}, { server: 'http://hook/' }))).toThrow(/must begin with https:/);
    expect(readWebhookEndpoint(kubeconfig({}, { server: 'http://hook/' }))).toEqual({ server: 'http://hook/' });
    expect(() => readReviewEndpoint(kubeconfig({}, { server: 'nowhere' }))).toThrow(/is no URL/);
  });
});
