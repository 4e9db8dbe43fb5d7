import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@reckon/testkit';

export interface RequestWithKey {
  readonly keyPem: string;
  readonly requestPem: string;
}

/** What a person makes with openssl: a key, and a request for it. */
export async function opensslRequest(
  subject: string,
  { newKey = 'rsa:2048', further = [] }: { readonly newKey?: string; readonly further?: readonly string[] } = {},
): Promise<RequestWithKey> {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-openssl-'));
  const [key, request] = [join(folder, 'key.pem'), join(folder, 'request.pem')];
  try {
    const kind = newKey === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', newKey];
    const args = ['req', '-new', '-nodes', ...kind, '-keyout', key, '-out', request, '-subj', subject, ...further];
    const { code, stderr } = await run('openssl', args);
    if (code !== 0) throw new Error(`openssl ${args.join(' ')}:\n${stderr}`);
    return { keyPem: readFileSync(key, 'utf8'), requestPem: readFileSync(request, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A CertificateSigningRequest in YAML's JSON. */
export const requestObject = (
  name: string,
  requestPem: string,
  spec: { readonly signerName: string; readonly usages: readonly string[]; readonly expirationSeconds?: number },
): string =>
  JSON.stringify({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: { request: Buffer.from(requestPem).toString('base64'), ...spec },
  });
