import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { systemClock, systemTimers } from '@reckon/kernel';
import { Kubectl, eventually, readKubeconfig, reckonProgram, run } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../apart/apart-cluster';
import { type ProgramProcess, startProgram } from '../apart/program-process';

interface Requests {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly signerName: string; readonly username: string };
    readonly status: { readonly certificate?: string };
  }[];
}

const bootstrappers = 'system:bootstrappers';

/** A token `<id>.0123456789abcdef` that lets in and signs. */
const bootstrapToken = (id: string, further: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
  type: 'bootstrap.kubernetes.io/token',
  stringData: {
    'token-id': id,
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    ...further,
  },
});

describe('a kubelet that joins with a bootstrap kubeconfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-join-'));
  const cluster = new ApartCluster();
  let kubectl: Kubectl;
  const kubelets: ProgramProcess[] = [];

  beforeAll(async () => {
    await cluster.apiserver(['--enable-bootstrap-token-auth']);
    kubectl = new Kubectl(cluster.kubeconfig);
    const pki = join(cluster.dataDir, 'pki');
    const authority = [
      '--cluster-signing-cert-file',
      join(pki, 'ca.crt'),
      '--cluster-signing-key-file',
      join(pki, 'ca.key'),
    ];
    // Hardly longer than what they are backdated by, so that they are replaced again and again.
    const further = ['--controllers', '*,bootstrap-signer-controller,token-cleaner-controller'];
    await cluster.controllerManager([...authority, ...further, '--cluster-signing-duration', '20s']);
    await kubectl.run('apply -f -', { stdin: JSON.stringify(bootstrapToken('abcdef')) });
    const { server, caPem } = readKubeconfig(cluster.kubeconfig);
    writeFileSync(
      join(folder, 'bootstrap.kubeconfig'),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          { name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } },
        ],
        users: [{ name: 'u', user: { token: 'abcdef.0123456789abcdef' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'c',
      }),
    );
    await kubectl.run(`create clusterrolebinding boot --clusterrole=system:node-bootstrapper --group=${bootstrappers}`);
  });
  afterAll(async () => {
    await Promise.all(kubelets.map((kubelet) => kubelet.end()));
    await cluster.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const pki = join(folder, 'pki');
  const kubeconfig = join(folder, 'kubelet.kubeconfig');
  const flags = [
    ...['--hostname-override', 'joiner', '--kubeconfig', kubeconfig, '--cert-dir', pki],
    ...['--bootstrap-kubeconfig', join(folder, 'bootstrap.kubeconfig')],
    ...['--rotate-certificates', '--rotate-server-certificates'],
    ...['--address', '127.0.0.1', '--port', '0', '--healthz-port', '0'],
  ];
  const approveFor = (role: string, group: string): Promise<string> =>
    kubectl.run(
      `create clusterrolebinding ${role} --clusterrole=system:certificates.k8s.io:certificatesigningrequests:${role} --group=${group}`,
    );
  const requests = async (signer: string): Promise<Requests['items']> =>
    (await kubectl.json<Requests>('get csr')).items.filter(({ spec }) => spec.signerName === `kubernetes.io/${signer}`);
  const current = (pair: string): string => readFileSync(join(pki, `${pair}-current.pem`), 'utf8');

  it('waits until its client certificate is approved, through a restart, then registers', async () => {
    const interrupted = spawn(process.execPath, [reckonProgram, 'kubelet', ...flags], { stdio: 'ignore' });
    await eventually(async () => {
      expect(await requests('kube-apiserver-client-kubelet')).toHaveLength(1);
    });
    interrupted.kill('SIGKILL');
    const starting = startProgram(['kubelet', ...flags]);
    await approveFor('nodeclient', bootstrappers);
    kubelets.push(await starting);
    // The one that was interrupted and this one asked the same.
    const all = await requests('kube-apiserver-client-kubelet');
    const asked = all.filter(({ spec }) => spec.username === 'system:bootstrap:abcdef');
    expect(asked.map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/^node-csr-/)]);
    await eventually(async () => {
      expect(await kubectl.run('get nodes')).toMatch(/^joiner +Ready/m);
    });
    for (const file of [kubeconfig, ...readdirSync(pki).map((name) => join(pki, name))])
      expect(statSync(file).mode & 0o777, file).toBe(0o600);
    expect(new X509Certificate(current('kubelet-client')).subject).toBe('O=system:nodes\nCN=system:node:joiner');
    expect(readdirSync(pki)).not.toContain('kubelet-client.key.tmp');
  });

  it('lets nobody in before its serving certificate is approved, by a person', async () => {
    const port = kubelets[0]?.port ?? 0;
    const [request] = await eventually(async () => {
      const all = await requests('kubelet-serving');
      expect(all).toHaveLength(1);
      return all;
    });
    expect(request?.spec.username).toBe('system:node:joiner');
    await expect(certificateOf(port)).rejects.toThrow();
    await kubectl.run(`certificate approve ${request?.metadata.name ?? ''}`);
    const shown = await eventually(() => certificateOf(port));
    expect(shown.subject).toBe('O=system:nodes\nCN=system:node:joiner');
    expect(shown.subjectAltName).toBe('DNS:joiner, IP Address:127.0.0.1');
    expect(shown.checkIssued(new X509Certificate(readFileSync(join(cluster.dataDir, 'pki/ca.crt'))))).toBe(true);
  });

  it('replaces its client certificate by itself, and goes on when the first is long over', async () => {
    const before = current('kubelet-client');
    await approveFor('selfnodeclient', 'system:nodes');
    await eventually(() => {
      expect(current('kubelet-client')).not.toBe(before);
    });
    const renewed = await requests('kube-apiserver-client-kubelet');
    expect(renewed.some(({ spec }) => spec.username === 'system:node:joiner')).toBe(true);
    const endMs = Date.parse(new X509Certificate(before).validTo);
    await systemTimers.sleep(Math.max(0, endMs - systemClock.wallMs()) + 1_000);
    const { renewTime } = (await kubectl.json<{ spec: { renewTime: string } }>('get lease -n kube-node-lease joiner'))
      .spec;
    await eventually(
      async () => {
        const later = await kubectl.json<{ spec: { renewTime: string } }>('get lease -n kube-node-lease joiner');
        expect(Date.parse(later.spec.renewTime)).toBeGreaterThan(Date.parse(renewTime));
      },
      { withinMs: 25_000 },
    );
  });

  it('starts again without the bootstrap kubeconfig', async () => {
    await kubelets.pop()?.end();
    const again = await startProgram(['kubelet', ...flags.filter((flag) => !flag.includes('bootstrap'))]);
    kubelets.push(again);
    await eventually(async () => {
      expect(await kubectl.run('get nodes')).toMatch(/^joiner +Ready/m);
    });
  });

  it('finds cluster-info signed with the token, for as long as the token goes on', async () => {
    const info = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'kube-public', name: 'cluster-info' } };
    await kubectl.run('apply -f -', { stdin: JSON.stringify({ ...info, data: { kubeconfig: 'clusters: []' } }) });
    const expiration = new Date(systemClock.wallMs() + 4_000).toISOString();
    await kubectl.run('apply -f -', { stdin: JSON.stringify(bootstrapToken('brief0', { expiration })) });
    const signatures = async (): Promise<string[]> => {
      const { data } = await kubectl.json<{ data: object }>('get configmap -n kube-public cluster-info');
      return Object.keys(data).sort();
    };
    await eventually(async () => {
      expect(await signatures()).toEqual(['jws-kubeconfig-abcdef', 'jws-kubeconfig-brief0', 'kubeconfig']);
    });
    await eventually(async () => {
      expect(await signatures()).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig']);
      expect(await kubectl.run('get secrets -n kube-system -o name')).not.toContain('bootstrap-token-brief0');
    });
  });

  it.each<[string, readonly string[], string]>([
    ['no such file', ['--bootstrap-kubeconfig', '/nowhere'], '--bootstrap-kubeconfig: cannot read kubeconfig /nowhere'],
    ['a fleet', ['--nodes', '3'], '--bootstrap-kubeconfig is for one node, and this process plays several'],
    [
      'a certificate of one’s own',
      ['--tls-cert-file', 'a', '--tls-private-key-file', 'b'],
      '--rotate-server-certificates and --tls-cert-file exclude each other',
    ],
  ])('says what is wrong with %s', async (_name, further, message) => {
    const fresh = ['--kubeconfig', join(folder, `${_name.length}.kubeconfig`), '--cert-dir', join(folder, 'other')];
    const used = further.includes('--tls-cert-file') ? [] : fresh;
    const ran = await run(process.execPath, [reckonProgram, 'kubelet', ...flags, ...used, ...further]);
    expect(ran.code).toBe(1);
    expect(ran.stderr + ran.stdout).toContain(message);
  });
});

/** The certificate that a server shows; rejects when there is none. */
function certificateOf(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.end();
      if (certificate === undefined) reject(new Error('none shown'));
      else resolve(certificate);
    });
    socket.once('error', reject);
  });
}
