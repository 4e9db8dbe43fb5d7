import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { corev1 } from '@reckon/api/types';

interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
}

const pairedKeyTypes = new Set(['rsa', 'ec', 'ed25519']);

/** What a TLS server would say of the pair; it is stored all the same. */
export function tlsSecretWarnings(secret: corev1.Secret): string[] {
  if (secret.type !== 'kubernetes.io/tls') return [];
  const problem = keyPairProblem(secret.data?.['tls.crt'] ?? '', secret.data?.['tls.key'] ?? '');
  return problem === undefined ? [] : [problem];
}

/** The error of crypto/tls `X509KeyPair`. */
function keyPairProblem(certificateData: string, keyData: string): string | undefined {
  const certificateBlocks = pemBlocks(certificateData);
  const leaf = certificateBlocks.find(({ type }) => type === 'CERTIFICATE');
  if (leaf === undefined) return noCertificate(certificateBlocks.map(({ type }) => type));
  const keyBlocks = pemBlocks(keyData);
  const keyBlock = keyBlocks.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'));
  if (keyBlock === undefined) return noKey(keyBlocks.map(({ type }) => type));

  const certificate = attempt(() => new X509Certificate(leaf.bytes));
  if (certificate === undefined) return 'x509: malformed certificate';
  const key = privateKey(keyBlock.bytes);
  if (key === undefined) return 'tls: failed to parse private key';
  const publicType = attempt(() => certificate.publicKey.asymmetricKeyType);
  if (publicType === undefined || !pairedKeyTypes.has(publicType)) return 'tls: unknown public key algorithm';
  if (publicType !== key.asymmetricKeyType) return 'tls: private key type does not match public key type';
  return certificate.checkPrivateKey(key) ? undefined : 'tls: private key does not match public key';
}

function noCertificate(skipped: string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (skipped.length === 1 && skipped[0]?.endsWith('PRIVATE KEY') === true)
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`;
}

function noKey(skipped: string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in key input';
  if (skipped.length === 1 && skipped[0] === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`;
}

/** The encoding is read off the bytes: a label that says another is no fault. */
function privateKey(key: Buffer): KeyObject | undefined {
  for (const type of ['pkcs1', 'pkcs8', 'sec1'] as const) {
    const read = attempt(() => createPrivateKey({ key, format: 'der', type }));
    if (read !== undefined) return pairedKeyTypes.has(read.asymmetricKeyType ?? '') ? read : undefined;
  }
  return undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** One pass over the lines: the text is whatever a client sent, up to a megabyte of it. */
function pemBlocks(data: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { type: string; lines: string[] } | undefined;
  for (const line of Buffer.from(data, 'base64').toString('latin1').split('\n')) {
    const text = line.trimEnd();
    if (text.startsWith('-----BEGIN ') && text.endsWith('-----')) {
      open = { type: text.slice('-----BEGIN '.length, -'-----'.length), lines: [] };
    } else if (open !== undefined && text === `-----END ${open.type}-----`) {
      const bytes = base64Body(open.lines);
      if (bytes !== undefined) blocks.push({ type: open.type, bytes });
      open = undefined;
    } else {
      open?.lines.push(text);
    }
  }
  return blocks;
}

/** The bytes below the headers; none of a body that is no base64. */
function base64Body(lines: string[]): Buffer | undefined {
  const start = lines.findIndex((line) => !line.includes(':'));
  const body = start < 0 ? '' : lines.slice(start).join('').replace(/\s/g, '');
  return body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body) ? Buffer.from(body, 'base64') : undefined;
}
