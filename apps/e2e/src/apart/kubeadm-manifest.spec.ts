import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CoreV1Api, KubeConfig, VersionApi } from '@kubernetes/client-node';
import { Kubectl, foreignAuthority, reckonProgram, run } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl } from '../walkthroughs/curl';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

const cluster = new ApartCluster();
const pki = join(cluster.folder, 'pki');
const pkiFile = (name: string): string => join(pki, name);

const write = (name: string, { certPem, keyPem }: { certPem: string; keyPem: string }): void => {
  writeFileSync(pkiFile(`${name}.crt`), certPem);
  writeFileSync(pkiFile(`${name}.key`), keyPem);
};

/** The flags that kubeadm writes into the manifest of an apiserver, with files of this test. */
const manifestFlags = (): string[] => [
  '--advertise-address=172.18.0.2',
  '--allow-privileged=true',
  '--authorization-mode=Node,RBAC',
  `--client-ca-file=${pkiFile('ca.crt')}`,
  '--enable-admission-plugins=NodeRestriction',
  '--enable-bootstrap-token-auth=true',
  `--etcd-cafile=${pkiFile('etcd-ca.crt')}`,
  `--etcd-certfile=${pkiFile('etcd-client.crt')}`,
  `--etcd-keyfile=${pkiFile('etcd-client.key')}`,
  '--etcd-servers=https://127.0.0.1:2379',
  '--insecure-port=0',
  `--kubelet-client-certificate=${pkiFile('kubelet-client.crt')}`,
  `--kubelet-client-key=${pkiFile('kubelet-client.key')}`,
  '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
  `--proxy-client-cert-file=${pkiFile('front-proxy-client.crt')}`,
  `--proxy-client-key-file=${pkiFile('front-proxy-client.key')}`,
  '--requestheader-allowed-names=front-proxy-client',
  `--requestheader-client-ca-file=${pkiFile('front-proxy-ca.crt')}`,
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-username-headers=X-Remote-User',
  '--secure-port=0',
  `--service-account-key-file=${pkiFile('sa.pub')}`,
  '--service-cluster-ip-range=10.96.0.0/12',
  `--tls-cert-file=${pkiFile('apiserver.crt')}`,
  `--tls-private-key-file=${pkiFile('apiserver.key')}`,
];

describe('an apiserver with the flags of a real manifest (W21)', () => {
  let apiserver: ProgramProcess;

  beforeAll(async () => {
    mkdirSync(pki);
    const ca = foreignAuthority('kubernetes');
    const masters = { organizations: ['system:masters'], usages: ['client'] } as const;
    write('ca', ca);
    write(
      'apiserver',
      ca.issue({ commonName: 'kube-apiserver', ipAddresses: ['127.0.0.1', '172.18.0.2'], usages: ['server'] }),
    );
    write('kubelet-client', ca.issue({ commonName: 'kube-apiserver-kubelet-client', ...masters }));
    write('jane', ca.issue({ commonName: 'jane', ...masters }));
    const proxies = foreignAuthority('front-proxy-ca');
    write('front-proxy-ca', proxies);
    for (const commonName of ['front-proxy-client', 'other-client'])
      write(commonName, proxies.issue({ commonName, usages: ['client'] }));
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(pkiFile('sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    apiserver = await cluster.start(['apiserver', '--data-dir', cluster.dataDir, ...manifestFlags()]);
  });
  afterAll(() => cluster.dispose());

  it('starts, and says of each flag without effect that it has none', () => {
    const output = apiserver.output();
    for (const flag of ['--etcd-cafile', '--etcd-certfile', '--etcd-keyfile', '--etcd-servers'])
      expect(output).toContain(`reckon: ${flag}: the event log in --data-dir replaces etcd`);
    expect(output).toContain('reckon: --proxy-client-cert-file: ');
    for (const flag of ['client-ca-file', 'tls-cert-file', 'service-account-key-file', 'requestheader-allowed-names'])
      expect(output).not.toContain(`--${flag}: `);
  });

  it('shows the certificate that was named, and knows clients by the authority that was named', async () => {
    const kubeconfig = join(cluster.folder, 'jane.kubeconfig');
    const user = { 'client-certificate': 'pki/jane.crt', 'client-key': 'pki/jane.key' };
    const server = `https://127.0.0.1:${String(apiserver.port)}`;
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server, 'certificate-authority': 'pki/ca.crt' } }],
        users: [{ name: 'jane', user }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'jane' } }],
        'current-context': 'c',
      }),
    );
    const kubectl = new Kubectl(kubeconfig);
    expect(await kubectl.run('auth whoami -o jsonpath={.status.userInfo.username}')).toBe('jane');
    const endpoints = await kubectl.json<{ subsets: { addresses: { ip: string }[] }[] }>('get endpoints kubernetes');
    expect(endpoints.subsets[0]?.addresses).toEqual([{ ip: '172.18.0.2' }]);
    const { spec } = await kubectl.json<{ spec: { clusterIP: string } }>('get service kubernetes');
    expect(spec.clusterIP).toBe('10.96.0.1');
  });

  it('is spoken to by curl and by a program with the files of that manifest, and not without them', async () => {
    const server = `https://127.0.0.1:${String(apiserver.port)}`;
    const trust = ['--cacert', pkiFile('ca.crt')];
    const jane = ['--cert', pkiFile('jane.crt'), '--key', pkiFile('jane.key')];
    const namespaces = await curl(server, '/api/v1/namespaces', ...trust, ...jane);
    expect([namespaces.status, namespaces.json()]).toEqual([200, expect.objectContaining({ kind: 'NamespaceList' })]);
    expect((await curl(server, '/readyz', ...trust)).text).toBe('ok');
    expect((await curl(server, '/api/v1/namespaces', ...trust)).json()).toMatchObject({ code: 403 });
    expect((await curl(server, '/readyz')).exitCode).toBe(60);
    expect((await curl(server, '/readyz', '--cacert', pkiFile('front-proxy-ca.crt'))).exitCode).toBe(60);
    // --insecure-port=0: nobody is answered without TLS.
    const plain = await curl(server.replace('https:', 'http:'), '/readyz');
    expect([plain.status, plain.text]).not.toEqual([200, 'ok']);

    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'c', server, caFile: pkiFile('ca.crt'), skipTLSVerify: false },
      { name: 'jane', certFile: pkiFile('jane.crt'), keyFile: pkiFile('jane.key') },
    );
    expect(await config.makeApiClient(VersionApi).getCode()).toMatchObject({ major: '1', minor: '36' });
    const service = await config
      .makeApiClient(CoreV1Api)
      .readNamespacedService({ namespace: 'default', name: 'kubernetes' });
    expect(service.spec?.clusterIP).toBe('10.96.0.1');
    config.clusters = config.clusters.map((one) => ({ ...one, caFile: pkiFile('front-proxy-ca.crt') }));
    await expect(config.makeApiClient(VersionApi).getCode()).rejects.toThrow(/certificate/);
  });

  it('takes the word of the front proxy that was named, and of no other', async () => {
    const ask = async (proxy: string): Promise<{ status: number; text: string }> => {
      const [ca, cert, key] = ['ca.crt', `${proxy}.crt`, `${proxy}.key`].map((name) => readFileSync(pkiFile(name)));
      const reply = await new Promise<IncomingMessage>((resolve, reject) => {
        get(
          {
            host: '127.0.0.1',
            port: apiserver.port,
            path: '/api/v1/pods',
            headers: { 'x-remote-user': 'remote', 'x-remote-group': 'system:masters' },
            ...{ ca, cert, key },
          },
          resolve,
        ).on('error', reject);
      });
      return { status: reply.statusCode ?? 0, text: await text(reply) };
    };
    expect((await ask('front-proxy-client')).status).toBe(200);
    expect((await ask('other-client')).status).toBe(401);
  });

  it('leaves a kubeconfig in its data directory that works with those certificates', async () => {
    expect(await cluster.kubectl().run('auth whoami -o jsonpath={.status.userInfo.username}')).toBe('kubernetes-admin');
  });

  it.each([
    [['--etcd-srvers=x'], 'unknown flag: --etcd-srvers\n        did you mean --etcd-servers?'],
    [['--secure-port=http'], 'invalid argument "http" for --secure-port: must be a whole number from 0 to 65535'],
    [['--insecure-port=8080'], 'invalid argument "8080" for --insecure-port'],
    [
      ['--authorization-mode=RBAC,Webhook'],
      "--authorization-mode: authorization-mode Webhook's authorization config file not passed",
    ],
    [['--authorization-mode=Rbac'], '--authorization-mode: "Rbac" is not a valid mode'],
    [['--tls-cert-file=/none.crt'], '--tls-private-key-file'],
    [['--client-ca-file=/none.crt'], '--client-ca-file: cannot read /none.crt'],
    [
      ['--service-account-key-file=/dev/null'],
      '--service-account-key-file: /dev/null: the service account key cannot be read',
    ],
    [['now'], 'kube-apiserver takes no arguments, but was given now'],
  ])('refuses %j by name', async (flags, message) => {
    const { code, stderr } = await run(process.execPath, [
      reckonProgram,
      'apiserver',
      ...['--data-dir', join(cluster.folder, 'none'), ...flags],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
