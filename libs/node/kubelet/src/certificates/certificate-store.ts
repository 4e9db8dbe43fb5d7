import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Credential, writeWhole } from '@reckon/pki';

/**
 * A certificate and its key in one file, `<pair>-<when>.pem`, and `<pair>-current.pem` that leads to the newest
 * (client-go/util/certificate.FileStore). Whoever reads the one path always finds two halves that belong together.
 */
export class CertificateStore {
  constructor(
    readonly dir: string,
    private readonly pair: 'kubelet-client' | 'kubelet-server',
  ) {}

  get currentFile(): string {
    return join(this.dir, `${this.pair}-current.pem`);
  }

  /** Undefined where there is none, or none that can be used. */
  current(): Credential | undefined {
    let text: string;
    try {
      text = readFileSync(this.currentFile, 'utf8');
    } catch {
      // None yet, or not for us to read: a new one is asked for.
      return undefined;
    }
    return credentialIn(text);
  }

  /** Readable for this user only, and whole: the link is turned once the file is on disk. */
  async save({ certPem, keyPem }: Credential, nowMs: number): Promise<void> {
    const when = new Date(nowMs).toISOString().replace(/[T:]/g, '-').replace(/\..*/, '');
    const file = join(this.dir, `${this.pair}-${when}.pem`);
    await writeWhole(file, `${certPem.trimEnd()}\n${keyPem.trimEnd()}\n`, 0o600);
    const link = `${this.currentFile}.new`;
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    await rm(link, { force: true });
    await symlink(basename(file), link);
    await rename(link, this.currentFile);
  }
}

const blocks = /-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----\n?/g;

/** The two halves in a text, if they belong together. */
export function credentialIn(text: string): Credential | undefined {
  const found = [...text.matchAll(blocks)].map(([whole, type = '']) => ({ whole, type }));
  const certPem = found
    .filter(({ type }) => type === 'CERTIFICATE')
    .map(({ whole }) => whole)
    .join('');
  const keyPem = found.find(({ type }) => type.endsWith('PRIVATE KEY'))?.whole ?? '';
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem)) ? { certPem, keyPem } : undefined;
  } catch {
    // Neither half may be PEM; what it is does not matter, since a new pair takes its place.
    return undefined;
  }
}
