import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '@reckon/kernel';
import type { CredentialSource, Credentials } from './credential-source';
import { followed } from './followed';

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
  const current = followed(first, clock, () => (files === undefined ? undefined : readPair(files)));
  /** What was given out, by what it was made of: whoever shows it tells the same object when it was refused. */
  let given: { readonly others: Credentials; readonly pair: CertificatePair; readonly whole: Credentials } | undefined;

  const wholeOf = (others: Credentials): Credentials => {
    if (given?.others !== others || given.pair !== pair) given = { others, pair, whole: { ...pair, ...others } };
    return given.whole;
  };

  return {
    current() {
      pair = current();
      const others = beside.current();
      return others instanceof Promise ? others.then(wholeOf) : wholeOf(others);
    },
    refused(credentials) {
      if (given?.whole === credentials) beside.refused(given.others);
    },
  };
}

/** A pair that belongs together; undefined where there is none. */
export function readPair({ cert, key }: CertificateFiles): CertificatePair | undefined {
  try {
    const pair = { certPem: readFileSync(cert, 'utf8'), keyPem: readFileSync(key, 'utf8') };
    return new X509Certificate(pair.certPem).checkPrivateKey(createPrivateKey(pair.keyPem)) ? pair : undefined;
  } catch {
    // Neither a missing file nor half of one is worth more than the pair that worked.
    return undefined;
  }
}
