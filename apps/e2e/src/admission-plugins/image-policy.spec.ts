import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Kubectl,
  type ReckonProcess,
  eventually,
  foreignAuthority,
  reckonProgram,
  run,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Review {
  readonly spec: {
    readonly containers: readonly { readonly image: string }[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const folder = mkdtempSync(join(tmpdir(), 'reckon-images-'));
const authority = foreignAuthority('images-ca');
const reviews: Review[] = [];
const credentials: string[] = [];
let backend: Server;
let reckon: ReckonProcess;
let kubectl: Kubectl;

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

beforeAll(async () => {
  const { certPem, keyPem } = authority.issue({
    commonName: 'i',
    dnsNames: ['images.example.com'],
    usages: ['server'],
  });
  backend = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      const review = JSON.parse(text) as Review;
      reviews.push(review);
      credentials.push(request.headers.authorization ?? '');
      const latest = review.spec.containers.find(({ image }) => image.endsWith(':latest'));
      const isExcused = review.spec.annotations?.['lab.image-policy.k8s.io/excuse'] === 'yes';
      const status =
        latest === undefined || isExcused
          ? { allowed: true }
          : { allowed: false, reason: `${latest.image} is not pinned` };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status }));
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'made' },
  };
  chmodSync(file('plugin.sh', `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`), 0o755);
  const cluster = {
    server: `https://127.0.0.1:${String((backend.address() as AddressInfo).port)}/images`,
    'certificate-authority': file('ca.crt', authority.certPem),
    'tls-server-name': 'images.example.com',
  };
  const exec = { command: './plugin.sh', apiVersion: credential.apiVersion, interactiveMode: 'Never' };
  const kubeConfigFile = file('images.kubeconfig', {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { exec } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });
  const config = file('admission.yaml', {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      { name: 'ImagePolicyWebhook', configuration: { imagePolicy: { kubeConfigFile, allowTTL: 2, denyTTL: 2 } } },
    ],
  });
  reckon = await startReckon({
    flags: ['--enable-admission-plugins', 'ImagePolicyWebhook', '--admission-control-config-file', config],
  });
  kubectl = new Kubectl(reckon.kubeconfig);
});
afterAll(async () => {
  await reckon.dispose();
  backend.closeAllConnections();
  backend.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a policy for images', () => {
  it('lets in what its backend lets in, and refuses the rest in its words', async () => {
    expect(await kubectl.run('run good --image=nginx:1.29')).toContain('pod/good created');
    const bad = await kubectl.try(['run', 'bad', '--image=nginx:latest']);
    expect(bad.stderr).toContain(
      'Error from server (Forbidden): pods "bad" is forbidden: image policy webhook backend denied one or more images: nginx:latest is not pinned',
    );
    const excuse = '--annotations=lab.image-policy.k8s.io/excuse=yes';
    expect(await kubectl.run(['run', 'excused', '--image=nginx:latest', excuse])).toContain('pod/excused created');
    expect(new Set(credentials)).toEqual(new Set(['Bearer made']));
    expect(reviews[0]?.spec).toEqual({ containers: [{ image: 'nginx:1.29' }], namespace: 'default' });
  });

  it('holds for pods of controllers, whose events say so', async () => {
    await kubectl.run('create deployment web --image=nginx:latest');
    await eventually(async () => {
      expect(await kubectl.run('get events --field-selector=reason=FailedCreate')).toContain(
        'nginx:latest is not pinned',
      );
    });
    await kubectl.run('set image deployment/web nginx=nginx:1.29');
    await kubectl.run('rollout status deployment/web --timeout=60s');
  });

  it('does not begin without knowing whom to ask', async () => {
    const ran = await run(reckonProgram, [
      ...['up', '--data-dir', join(folder, 'none'), '--port', '0'],
      ...['--enable-admission-plugins', 'ImagePolicyWebhook'],
    ]);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('ImagePolicyWebhook: no config specified')]);
    const config = file('broken.yaml', {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AdmissionConfiguration',
      plugins: [
        { name: 'ImagePolicyWebhook', configuration: { imagePolicy: { kubeConfigFile: join(folder, 'gone') } } },
      ],
    });
    const gone = await run(reckonProgram, [
      ...['up', '--data-dir', join(folder, 'none'), '--port', '0', '--admission-control-config-file', config],
      ...['--enable-admission-plugins', 'ImagePolicyWebhook'],
    ]);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain(`cannot read kubeconfig ${join(folder, 'gone')}`);
  });
});
