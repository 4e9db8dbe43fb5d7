import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '@reckon/kernel';
import type { CredentialSource, Credentials } from './credential-source';

/** client-go/transport `CertCallbackRefreshDuration` */
const lifetimeMs = 5 * 60_000;

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** PEM of a certificate and of the key that belongs to it. */
export interface CertificatePair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateParts {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** What the files held when they were named. */
  readonly first: CertificatePair;
  /** Absent: the certificate stays. */
  readonly files: CertificateFiles | undefined;
}

/**
 * A client certificate beside other credentials, which may bring one of their own. From files it may be rotated where it lies: they are
 * read again every five minutes, and a pair that cannot be read, or that is seen half done, changes nothing until the next look.
 */
export function certificateBeside(
  beside: CredentialSource,
  { clock, first, files }: CertificateParts,
): CredentialSource {
  let pair = first;
  let readMs = clock.nowMs();
  /** What was given out, by what it was made of: whoever shows it tells the same object when it was refused. */
  let given: { readonly others: Credentials; readonly pair: CertificatePair; readonly whole: Credentials } | undefined;

  function look(): void {
    const nowMs = clock.nowMs();
    if (files === undefined || nowMs - readMs < lifetimeMs) return;
    readMs = nowMs;
    pair = readPair(files) ?? pair;
  }

  const wholeOf = (others: Credentials): Credentials => {
    if (given?.others !== others || given.pair !== pair) given = { others, pair, whole: { ...pair, ...others } };
    return given.whole;
  };

  return {
    current() {
      look();
      const others = beside.current();
      return others instanceof Promise ? others.then(wholeOf) : wholeOf(others);
    },
    refused(credentials) {
      if (given?.whole === credentials) beside.refused(given.others);
    },
  };
}

function readPair({ cert, key }: CertificateFiles): CertificatePair | undefined {
  try {
    const pair = { certPem: readFileSync(cert, 'utf8'), keyPem: readFileSync(key, 'utf8') };
    return new X509Certificate(pair.certPem).checkPrivateKey(createPrivateKey(pair.keyPem)) ? pair : undefined;
  } catch {
    // Neither a missing file nor half of one is worth more than the pair that worked.
    return undefined;
  }
}
