import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, eventually, foreignAuthority } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';

const folder = mkdtempSync(join(tmpdir(), 'reckon-kubelet-rotation-'));
const at = (name: string): string => join(folder, name);
/** As a rotation does it: each new file takes the place of the old in one step. */
const put = (name: string, text: string): string => {
  writeFileSync(at(`${name}.new`), text, { mode: 0o600 });
  renameSync(at(`${name}.new`), at(name));
  return at(name);
};

type Authority = ReturnType<typeof foreignAuthority>;
const [clients, laterClients] = [foreignAuthority('clients'), foreignAuthority('later clients')];
const [servers, laterServers] = [foreignAuthority('servers'), foreignAuthority('later servers')];
const clientOf = (authority: Authority) =>
  authority.issue({ commonName: 'apiserver', organizations: ['system:masters'], usages: ['client'] });
const putClient = (authority: Authority): string[] => {
  const { certPem, keyPem } = clientOf(authority);
  return [
    ...['--kubelet-client-certificate', put('client.crt', certPem)],
    ...['--kubelet-client-key', put('client.key', keyPem)],
  ];
};
const putServing = (authority: Authority): string[] => {
  const { certPem, keyPem } = authority.issue({ commonName: 'n', ipAddresses: ['127.0.0.1'], usages: ['server'] });
  return ['--tls-cert-file', put('serving.crt', certPem), '--tls-private-key-file', put('serving.key', keyPem)];
};

let apiserver: ProgramProcess | undefined;
let kubelet: ProgramProcess | undefined;
let kubectl: Kubectl;

beforeAll(async () => {
  apiserver = await startProgram([
    ...['apiserver', '--data-dir', at('data'), '--secure-port', '0', '--bind-address', '127.0.0.1'],
    // Nobody makes service accounts here.
    ...['--authorization-mode', 'RBAC', '--disable-admission-plugins', 'ServiceAccount'],
    ...putClient(clients),
    ...['--kubelet-certificate-authority', put('servers.crt', servers.certPem)],
  ]);
  kubectl = new Kubectl(at('data/kubeconfig'));
  kubelet = await startProgram([
    ...['kubelet', '--kubeconfig', at('data/kubeconfig'), '--hostname-override', 'worn', '--node-ip', '127.0.0.1'],
    ...['--address', '127.0.0.1', '--port', '0', '--healthz-port', '0'],
    ...['--client-ca-file', put('clients.crt', clients.certPem), ...putServing(servers)],
  ]);
  await kubectl.run(['run', 'web', '--image=nginx', `--overrides=${JSON.stringify({ spec: { nodeName: 'worn' } })}`]);
  await kubectl.run('wait pod/web --for=condition=Ready --timeout=60s');
});
afterAll(async () => {
  await kubelet?.end();
  await apiserver?.end();
  rmSync(folder, { recursive: true, force: true });
});

const showsLogs = (): Promise<void> =>
  eventually(async () => {
    expect(await kubectl.run('logs web')).toContain('simulated container web');
  });
const refusesLogs = (why: string): Promise<void> =>
  eventually(async () => {
    expect((await kubectl.try(['logs', 'web'])).stderr).toContain(why);
  });

/** A connection to the kubelet that is kept. */
function connection(authority: Authority): { code(): Promise<number>; close(): void } {
  const { certPem, keyPem } = clientOf(authority);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, cert: certPem, key: keyPem });
  return {
    code: () =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port: kubelet?.port, path: '/pods', agent }, (response) => {
          response.resume().on('end', () => {
            resolve(response.statusCode ?? 0);
          });
        }).on('error', reject);
      }),
    close: () => {
      agent.destroy();
    },
  };
}

describe('between apiserver and kubelet, without a restart', () => {
  it('the certificate that the apiserver shows is exchanged, and the authorities by which the kubelet knows it', async () => {
    await showsLogs();
    const open = connection(clients);
    expect(await open.code()).toBe(200);
    putClient(laterClients);
    await refusesLogs('Unauthorized');
    put('clients.crt', 'nothing');
    await eventually(() => {
      expect(kubelet?.output()).toContain('data does not contain any valid RSA or ECDSA certificates');
    });
    expect(await open.code()).toBe(200);
    put('clients.crt', laterClients.certPem);
    await showsLogs();
    // Who is no longer known is not known on connections that were open either.
    expect(await open.code()).toBe(401);
    open.close();
  });

  it('the certificate of the kubelet is exchanged, and the authorities by which the apiserver knows it', async () => {
    await showsLogs();
    putServing(laterServers);
    await refusesLogs('error dialing the kubelet of the pod');
    put('servers.crt', laterServers.certPem);
    await showsLogs();
  });
});
