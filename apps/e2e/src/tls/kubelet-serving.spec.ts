import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type ReckonProcess, eventually, foreignAuthority, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';

const folder = mkdtempSync(join(tmpdir(), 'reckon-kubelet-serving-'));
const authority = foreignAuthority('kubelets');
let reckon: ReckonProcess;
let kubelet: ProgramProcess;

/** As a rotation does it: each new file takes the place of the old in one step. */
function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}
function putCertificate(commonName: string): readonly [cert: string, key: string] {
  const { certPem, keyPem } = authority.issue({ commonName, ipAddresses: ['127.0.0.1'], usages: ['server'] });
  return [put('kubelet.crt', certPem), put('kubelet.key', keyPem)];
}
const shown = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: kubelet.port, host: '127.0.0.1', ca: authority.certPem }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.on('error', reject);
  });

beforeAll(async () => {
  reckon = await startReckon({ flags: ['--nodes', '0'] });
  const [cert, key] = putCertificate('first');
  kubelet = await startProgram([
    ...['kubelet', '--kubeconfig', reckon.kubeconfig, '--hostname-override', 'worn'],
    ...['--address', '127.0.0.1', '--port', '0', '--healthz-port', '0'],
    ...['--tls-cert-file', cert, '--tls-private-key-file', key],
  ]);
});
afterAll(async () => {
  await kubelet.end();
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('the certificate of a kubelet', () => {
  it('is read again when its files change; a pair that does not fit changes nothing', async () => {
    expect(await shown()).toBe('first');
    putCertificate('second');
    await eventually(async () => {
      expect(await shown()).toBe('second');
    });
    put('kubelet.crt', authority.issue({ commonName: 'third', usages: ['server'] }).certPem);
    await eventually(() => {
      expect(kubelet.output()).toContain('changed files cannot be used');
    });
    expect(await shown()).toBe('second');
    putCertificate('fourth');
    await eventually(async () => {
      expect(await shown()).toBe('fourth');
    });
  });
});
