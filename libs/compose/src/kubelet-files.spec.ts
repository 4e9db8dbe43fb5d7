import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { type FakeClock, type Running, fakeClock, silentLogger, systemClock } from '@reckon/kernel';
import { type Credential, createAuthority, issue } from '@reckon/pki';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KubeletFiles, kubeletFiles } from './kubelet-files';

const authority = (commonName: string): Credential => createAuthority({ commonName, clock: systemClock });
const [kubelets, laterKubelets, clients] = [authority('kubelets'), authority('later kubelets'), authority('clients')];
const client = (commonName: string): Credential =>
  issue(clients, { commonName, usages: ['client'], clock: systemClock });

let folder: string;
let timers: FakeClock;
let following: Running | undefined;
let complaints: string[];
let server: Server;

const put = (name: string, text: string): string => {
  // In one step: who looks meanwhile sees a whole file.
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
  return join(folder, name);
};
const putClient = ({ certPem, keyPem }: Credential) => ({
  'kubelet-client-certificate': put('client.crt', certPem),
  'kubelet-client-key': put('client.key', keyPem),
});
const none = { 'kubelet-client-certificate': '', 'kubelet-client-key': '', 'kubelet-certificate-authority': '' };

function open(flags: Partial<typeof none>): KubeletFiles {
  const files = kubeletFiles({ ...none, ...flags });
  const error = (_: string, fields?: Readonly<Record<string, unknown>>): void => {
    complaints.push(String(fields?.['error']));
  };
  following = files.follow({ timers, logger: { ...silentLogger, error } });
  return files;
}

/** Reading files takes real time, which the fake clock does not wait for: looks go on until one has seen what it must. */
const lookUntil = (seen: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(
    async () => {
      await timers.advance(1_000);
      await seen();
    },
    { timeout: 10_000 },
  );

/** A kubelet whose certificate is of one authority; it answers with the name of who shows himself. */
async function startKubelet(by: Credential): Promise<void> {
  const leaf = issue(by, { commonName: 'n', ipAddresses: ['127.0.0.1'], usages: ['server'], clock: systemClock });
  const tls = { cert: leaf.certPem, key: leaf.keyPem, ca: clients.certPem };
  server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, ({ socket }, response) => {
    const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subject : undefined;
    response.end(shown?.replace('CN=', '') ?? 'nobody');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** As `podLogHandler` asks. */
const ask = (files: KubeletFiles): Promise<string> =>
  new Promise((resolve) => {
    const tls = files.tls();
    const trust = tls === 'unverified' ? { rejectUnauthorized: false } : { ca: tls.caPem };
    const { port } = server.address() as AddressInfo;
    get({ host: '127.0.0.1', port, agent: false, ...trust, ...files.client() }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve(text);
      });
    }).on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-kubelet-files-'));
  timers = fakeClock();
  complaints = [];
  await startKubelet(kubelets);
});
afterEach(async () => {
  await following?.stop();
  following = undefined;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe('files for the way to kubelets', () => {
  it('show the certificate of now; a pair that does not fit changes nothing', async () => {
    const files = open(putClient(client('first')));
    expect(await ask(files)).toBe('first');
    const second = client('second');
    put('client.crt', second.certPem);
    await lookUntil(() => {
      expect(complaints).toContain(
        `--kubelet-client-certificate and --kubelet-client-key: the key in ${folder}/client.key is not that of the certificate in ${folder}/client.crt`,
      );
    });
    expect(await ask(files)).toBe('first');
    put('client.key', second.keyPem);
    await lookUntil(async () => {
      expect(await ask(files)).toBe('second');
    });
  });

  it('verify by the authorities of now; a file without any changes nothing', async () => {
    const files = open({ 'kubelet-certificate-authority': put('ca.crt', kubelets.certPem) });
    expect(await ask(files)).toBe('nobody');
    put('ca.crt', 'nothing');
    await lookUntil(() => {
      expect(complaints).toContain(
        `--kubelet-certificate-authority: ${folder}/ca.crt: data does not contain any valid RSA or ECDSA certificates`,
      );
    });
    expect(await ask(files)).toBe('nobody');
    put('ca.crt', laterKubelets.certPem);
    await lookUntil(async () => {
      expect(await ask(files)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    });
    put('ca.crt', `${laterKubelets.certPem}${kubelets.certPem}`);
    await lookUntil(async () => {
      expect(await ask(files)).toBe('nobody');
    });
  });

  it('that are broken hold back only themselves', async () => {
    const files = open({
      ...putClient(client('first')),
      'kubelet-certificate-authority': put('ca.crt', kubelets.certPem),
    });
    put('ca.crt', 'nothing');
    putClient(client('second'));
    await lookUntil(async () => {
      expect(await ask(files)).toBe('second');
    });
  });

  it('are none where no flag names one', async () => {
    const files = open({});
    expect([files.client(), files.tls()]).toEqual([undefined, 'unverified']);
    expect(await ask(files)).toBe('nobody');
  });

  it.each([
    [{ 'kubelet-client-certificate': 'a.crt' }, '--kubelet-client-certificate is given without the other half'],
    [{ 'kubelet-client-key': 'a.key' }, '--kubelet-client-key is given without the other half'],
    [
      { 'kubelet-certificate-authority': '/nowhere/ca.crt' },
      '--kubelet-certificate-authority: cannot read /nowhere/ca.crt',
    ],
    [
      { 'kubelet-client-certificate': '/nowhere/a.crt', 'kubelet-client-key': '/nowhere/a.key' },
      '--kubelet-client-certificate and --kubelet-client-key: cannot read /nowhere/a.crt',
    ],
  ])('are refused at the start: %j', (flags, message) => {
    expect(() => kubeletFiles({ ...none, ...flags })).toThrow(message);
  });
});
