import { X509Certificate } from 'node:crypto';
import { certificateParts, type CertificateParts, DerError } from '@reckon/pki';
import type { PeerCertificate } from '../authenticator';
import { TokenError } from '../token-authenticator';
import type { CertificatePool } from './certificate-pool';
import { hasUnhandledCritical, isSoundlySigned, pathLengthOf } from './known-extensions';
import { nameConstraintProblem } from './name-constraints';

const longestChain = 8;
/** As crypto/x509 `maxChainSignatureChecks`: what a stranger sends may cost so much and no more. */
const mostSignatureChecks = 100;
const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

/** The time in which every certificate of a chain holds, in ms since 1970. */
export interface ChainTimes {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface FoundChain extends ChainTimes {
  /** An authority issued the certificate itself, or is it: nothing that was sent beside it was needed. */
  readonly isDirect: boolean;
}

interface Link {
  readonly certificate: X509Certificate;
  readonly parts: CertificateParts;
}

type Chain = readonly [end: Link, ...above: Link[]];

/**
 * Finds a way from a client's certificate to one of the authorities, as crypto/x509 `Certificate.Verify`: names, signatures,
 * `CA:TRUE`, no critical extension that says nothing to us, lengths of paths, usage for clients, constraints on names. Not OpenSSL's
 * word at the handshake, which knows one pool only and says nothing of which authority it was. Times are for the caller to compare,
 * on each request. Throws `TokenError`.
 */
export function verifyChain(peer: PeerCertificate, pool: CertificatePool): FoundChain {
  let beside: readonly X509Certificate[] | undefined;
  try {
    const chain = soundChain(linkOf(new X509Certificate(peer.raw)), {
      intermediates: () => (beside ??= peer.intermediates().map((der) => new X509Certificate(der))),
      roots: pool.certificates,
      checksLeft: mostSignatureChecks,
    });
    const certificates = chain.map(({ certificate }) => certificate);
    return {
      isDirect: beside === undefined,
      notBeforeMs: Math.max(...certificates.map(({ validFrom }) => Date.parse(validFrom))),
      notAfterMs: Math.min(...certificates.map(({ validTo }) => Date.parse(validTo))),
    };
  } catch (error) {
    if (error instanceof DerError) throw new TokenError(`x509: malformed certificate: ${error.message}`);
    throw error;
  }
}

/** The first that has nothing wrong with it. What is wrong with the others is said where there is none. */
function soundChain(end: Link, search: Search): Chain {
  if (hasUnhandledCritical(end.parts)) throw new TokenError('x509: unhandled critical extension');
  let wrong = 'x509: certificate signed by unknown authority';
  for (const chain of chainsFrom([end], search)) {
    const constraint = nameConstraintProblem(chain.map(({ parts }) => parts));
    if (isForClients(chain) && constraint === undefined) return chain;
    wrong =
      constraint === undefined
        ? 'x509: certificate specifies an incompatible key usage'
        : `x509: a root or intermediate certificate is not authorized to sign for this name: ${constraint}`;
  }
  throw new TokenError(wrong);
}

interface Search {
  /** Read when no authority is found without them: most clients send none, and reading them is dear. */
  readonly intermediates: () => readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  /** For the whole of the search. */
  checksLeft: number;
}

/** Every way up from the last of `below`; an authority stands in each at most once. */
function* chainsFrom(below: Chain, search: Search): Generator<Chain> {
  const last = (below.at(-1) ?? below[0]).certificate;
  if (below.length === 1 && search.roots.some((root) => root.raw.equals(last.raw))) {
    yield below;
    return;
  }
  for (const root of search.roots) {
    const link = linkAbove(below, root, search);
    if (link !== undefined) yield [...below, link];
  }
  if (below.length > longestChain) return;
  for (const next of search.intermediates()) {
    if (below.some(({ certificate }) => certificate.raw.equals(next.raw))) continue;
    const link = linkAbove(below, next, search);
    if (link !== undefined) yield* chainsFrom([...below, link], search);
  }
}

/** Undefined where the authority may not stand above them. */
function linkAbove(below: Chain, authority: X509Certificate, search: Search): Link | undefined {
  const child = below.at(-1) ?? below[0];
  if (!isIssuedBy(child, authority, search)) return undefined;
  const link = linkOf(authority);
  const between = below.length - 1;
  const isTooLong = between > (pathLengthOf(link.parts) ?? Infinity);
  return isTooLong || hasUnhandledCritical(link.parts) ? undefined : link;
}

const linkOf = (certificate: X509Certificate): Link => ({ certificate, parts: certificateParts(certificate.raw) });

/** The cheap questions first: what a stranger sends costs a signature check only where the names fit. */
function isIssuedBy({ certificate, parts }: Link, authority: X509Certificate, search: Search): boolean {
  if (!authority.ca || !certificate.checkIssued(authority) || !isSoundlySigned(parts)) return false;
  return search.checksLeft-- > 0 && certificate.verify(authority.publicKey);
}

/** Every certificate that limits its usages must name that of clients; node calls the extended usages `keyUsage`. */
const isForClients = (chain: Chain): boolean =>
  chain.every(({ certificate }) => {
    const usages = certificate.keyUsage as readonly string[] | undefined;
    return usages === undefined || usages.includes(clientAuth) || usages.includes(anyUsage);
  });
