import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { WallClock } from '@reckon/kernel';
import { type AuthorityRequest, createAuthority, type Credential, issue, type LeafRequest } from './certificate';
import { newKeyPair, privateKeyPem, publicKeyPem } from './key-pair';
import { PkiError } from './pki-error';
import { type FileMode, writeWhole } from './private-file';

const dayMs = 24 * 60 * 60 * 1000;
/** Leaves are made anew when they have less than this left. */
const renewBeforeMs = 30 * dayMs;

export interface PkiRequest {
  readonly clock: WallClock;
  /** Names and addresses that clients may use besides the usual ones. */
  readonly hosts?: readonly string[];
  /** The address of `kubernetes.default`: the first of the service range. */
  readonly serviceIp?: string;
}

export interface Pki {
  readonly caPem: string;
  readonly caKeyPem: string;
  readonly serving: Credential;
  /** `kubernetes-admin` of `system:masters`. */
  readonly admin: Credential;
  /** Signs service account tokens (ES256). */
  readonly serviceAccountKeyPem: string;
  readonly serviceAccountPublicPem: string;
  /** Signs what aggregated API servers and front proxies show. */
  readonly frontProxyCaPem: string;
  readonly frontProxyClient: Credential;
  /** The files that were written, `apiserver.crt` and so on; empty when everything was in place. */
  readonly written: readonly string[];
}

/**
 * Reads `dir`, or makes what is missing: ca, apiserver, admin, front-proxy-ca, front-proxy-client (`.crt`, `.key`) and sa
 * (`.key`, `.pub`). Keys are 0600, every file is written whole. Leaves are renewed when they near their end, no longer
 * chain to their authority, or (apiserver) lack a name. Throws `PkiError` naming a file that cannot be read: an authority is
 * never replaced, because every kubeconfig in use trusts it.
 */
export async function ensurePki(dir: string, request: PkiRequest): Promise<Pki> {
  const { clock } = request;
  const files = new PkiFiles(dir);
  const ca = files.authority('ca', { commonName: 'kubernetes', clock });
  const frontProxyCa = files.authority('front-proxy-ca', { commonName: 'front-proxy-ca', clock });
  const serving = files.leaf('apiserver', ca, {
    commonName: 'kube-apiserver',
    usages: ['server'],
    clock,
    ...servingNames(request),
  });
  const admin = files.leaf('admin', ca, {
    commonName: 'kubernetes-admin',
    organizations: ['system:masters'],
    usages: ['client'],
    clock,
  });
  const frontProxyClient = files.leaf('front-proxy-client', frontProxyCa, {
    commonName: 'front-proxy-client',
    usages: ['client'],
    clock,
  });
  const serviceAccount = files.serviceAccount();
  const written = await files.flush();
  return {
    caPem: ca.certPem,
    caKeyPem: ca.keyPem,
    serving,
    admin,
    serviceAccountKeyPem: serviceAccount.keyPem,
    serviceAccountPublicPem: serviceAccount.publicPem,
    frontProxyCaPem: frontProxyCa.certPem,
    frontProxyClient,
    written,
  };
}

function servingNames({ hosts = [], serviceIp }: PkiRequest): { dnsNames: string[]; ipAddresses: string[] } {
  const isAddress = (host: string): boolean => /^[0-9.]+$/.test(host) || host.includes(':');
  return {
    dnsNames: distinct([
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      ...hosts.filter((host) => !isAddress(host)),
    ]),
    ipAddresses: distinct([
      '127.0.0.1',
      '::1',
      ...(serviceIp === undefined ? [] : [serviceIp]),
      ...hosts.filter(isAddress),
    ]),
  };
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode: FileMode;
}

/** Reads what is there at once; what is new is gathered and written together by `flush`. */
class PkiFiles {
  private readonly fresh: NewFile[] = [];

  constructor(private readonly dir: string) {}

  authority(name: string, request: AuthorityRequest): Credential {
    return this.credential(name) ?? this.save(name, createAuthority(request));
  }

  leaf(name: string, authority: Credential, request: LeafRequest): Credential {
    const found = this.credential(name);
    return found !== undefined && isGood(found, authority, request)
      ? found
      : this.save(name, issue(authority, request));
  }

  /** The public half is only for others to read; it is written again when it is missing or another's. */
  serviceAccount(): { readonly keyPem: string; readonly publicPem: string } {
    const keyFile = this.path('sa.key');
    const keyPem = existsSync(keyFile) ? readFileSync(keyFile, 'utf8') : privateKeyPem(newKeyPair().privateKey);
    const publicPem = publicKeyPem(this.parsed(keyFile, () => createPrivateKey(keyPem)));
    if (!existsSync(keyFile)) this.fresh.push({ name: 'sa.key', text: keyPem, mode: 0o600 });
    const publicFile = this.path('sa.pub');
    if (!existsSync(publicFile) || readFileSync(publicFile, 'utf8') !== publicPem) {
      this.fresh.push({ name: 'sa.pub', text: publicPem, mode: 0o644 });
    }
    return { keyPem, publicPem };
  }

  /**
   * A first start fills a neighbouring folder and renames it, so that a crash leaves either all files or none. Later each
   * file is replaced by itself, keys before certificates. Gives the names written.
   */
  async flush(): Promise<string[]> {
    const isFirst = isEmptyFolder(this.dir);
    const target = isFirst ? `${this.dir}.${randomBytes(6).toString('hex')}.new` : this.dir;
    const write = (file: NewFile): Promise<void> => writeWhole(path.join(target, file.name), file.text, file.mode);
    // Together, so that the disk flushes them together.
    await Promise.all(this.fresh.filter((file) => file.mode === 0o600).map(write));
    await Promise.all(this.fresh.filter((file) => file.mode !== 0o600).map(write));
    if (isFirst) await rename(target, this.dir);
    return this.fresh.map((file) => file.name);
  }

  /** Undefined where neither file exists, or a leaf is not whole. */
  private credential(name: string): Credential | undefined {
    const certFile = this.path(`${name}.crt`);
    const keyFile = this.path(`${name}.key`);
    const hasCert = existsSync(certFile);
    const hasKey = existsSync(keyFile);
    if (!hasCert && !hasKey) return undefined;
    // A leaf is made anew; an authority is not, because others trust it.
    const isLeaf = !name.endsWith('ca');
    if ((!hasKey || !hasCert) && isLeaf) return undefined;
    if (!hasKey || !hasCert) {
      throw new PkiError(
        `${hasKey ? certFile : keyFile} is missing, but ${hasKey ? keyFile : certFile} is there`,
        'Put the missing file back, or remove both so that they are made anew.',
      );
    }
    const certPem = readFileSync(certFile, 'utf8');
    const keyPem = readFileSync(keyFile, 'utf8');
    const certificate = this.parsed(certFile, () => new X509Certificate(certPem));
    const key = this.parsed(keyFile, () => createPrivateKey(keyPem));
    if (!certificate.checkPrivateKey(key)) {
      if (isLeaf) return undefined;
      throw new PkiError(`${keyFile} is not the key of ${certFile}`, 'Restore both from one backup, or remove both.');
    }
    return { certPem, keyPem };
  }

  private parsed<T>(file: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw new PkiError(
        `${file} is damaged: it holds no PEM that can be read`,
        'Restore it from a backup, or remove it together with its pair so that they are made anew.',
        { cause: error },
      );
    }
  }

  private save(name: string, made: Credential): Credential {
    this.fresh.push(
      { name: `${name}.key`, text: made.keyPem, mode: 0o600 },
      { name: `${name}.crt`, text: made.certPem, mode: 0o644 },
    );
    return made;
  }

  private path(name: string): string {
    return path.join(this.dir, name);
  }
}

/** Or nothing at all: what a folder can be renamed to. A link to a folder cannot. */
function isEmptyFolder(dir: string): boolean {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  return found === undefined || (found.isDirectory() && readdirSync(dir).length === 0);
}

function isGood(leaf: Credential, authority: Credential, request: LeafRequest): boolean {
  const certificate = new X509Certificate(leaf.certPem);
  const left = Date.parse(certificate.validTo) - request.clock.wallMs();
  if (left < renewBeforeMs || !certificate.verify(createPublicKey(authority.certPem))) return false;
  return (
    (request.dnsNames ?? []).every((name) => certificate.checkHost(name) !== undefined) &&
    (request.ipAddresses ?? []).every((ip) => certificate.checkIP(ip) !== undefined)
  );
}
