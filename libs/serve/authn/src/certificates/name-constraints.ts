import { goQuote, ipText } from '@reckon/api/machinery';
import type { CertificateParts } from '@reckon/pki';
import { type GeneralName, generalNames, nameConstraints, type NameConstraints } from './general-names';
import { extensionIds } from './known-extensions';

const words = { dns: 'DNS name', email: 'email address', uri: 'URI', ip: 'IP address' } as const;
type Named = Exclude<GeneralName, { readonly kind: 'other' }>;

/**
 * What an authority above forbids of the names in the certificates below it; `chain` begins with the one at the end. Of each kind a
 * name must be in one of the permitted subtrees, where there are any, and in none of the excluded ones (crypto/x509
 * `checkChainConstraints`). Common names are no names to it. Throws `DerError`.
 */
export function nameConstraintProblem(chain: readonly CertificateParts[]): string | undefined {
  for (const [at, { extensions }] of chain.entries()) {
    const found = extensions.find(({ id }) => id === extensionIds.nameConstraints);
    if (found === undefined) continue;
    const constraints = nameConstraints(found.value);
    for (const name of chain.slice(0, at).flatMap(namesOf)) {
      const problem = problemOf(name, constraints);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

const namesOf = ({ extensions }: CertificateParts): Named[] =>
  extensions
    .filter(({ id }) => id === extensionIds.subjectAlternativeName)
    .flatMap(({ value }) => generalNames(value))
    .filter((name) => name.kind !== 'other');

function problemOf(name: Named, { permitted, excluded }: NameConstraints): string | undefined {
  const shown = `${words[name.kind]} ${goQuote(textOf(name))}`;
  const ofItsKind = (subtree: GeneralName): subtree is Named => subtree.kind === name.kind;
  const mayBe = permitted.filter(ofItsKind);
  const mayNotBe = excluded.filter(ofItsKind);
  if (mayBe.length + mayNotBe.length > 0 && hostOf(name) === undefined)
    return `cannot match ${shown} against constraints`;
  if (mayBe.length > 0 && !mayBe.some((subtree) => isWithin(name, subtree)))
    return `${shown} is not permitted by any constraint`;
  const excluding = mayNotBe.find((subtree) => isWithin(name, subtree) || mayCover(name, subtree));
  return excluding === undefined ? undefined : `${shown} is excluded by constraint ${goQuote(textOf(excluding))}`;
}

function isWithin(name: Named, subtree: Named): boolean {
  if (name.kind === 'ip') return subtree.kind === 'ip' && isInNetwork(name.bytes, subtree.bytes);
  if (subtree.kind === 'ip') return false;
  if (name.kind === 'email' && subtree.text.includes('@')) return sameMailbox(name.text, subtree.text);
  return isUnder(hostOf(name) ?? '', subtree.text.toLowerCase());
}

/** A domain with all below it; one that begins with a period, without itself; an empty one, everything. */
const isUnder = (host: string, domain: string): boolean =>
  domain === '' || (domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`));

/** A wildcard stands also for the names one label below, of which the subtree may be one. */
const mayCover = (name: Named, subtree: Named): boolean =>
  name.kind === 'dns' &&
  subtree.kind === 'dns' &&
  name.text.startsWith('*.') &&
  name.text.slice(1).toLowerCase() === subtree.text.slice(Math.max(subtree.text.indexOf('.'), 0)).toLowerCase();

/** By letters without their case, but for what stands before the at sign. */
function sameMailbox(one: string, other: string): boolean {
  const [at, otherAt] = [one.lastIndexOf('@'), other.lastIndexOf('@')];
  return (
    one.slice(0, at) === other.slice(0, otherAt) && one.slice(at).toLowerCase() === other.slice(otherAt).toLowerCase()
  );
}

/** The domain that a constraint looks at, in small letters; undefined where a name has none. */
function hostOf(name: Named): string | undefined {
  switch (name.kind) {
    case 'ip':
      return '';
    case 'dns':
      return name.text.toLowerCase();
    case 'email': {
      const at = name.text.lastIndexOf('@');
      return at < 1 ? undefined : name.text.slice(at + 1).toLowerCase();
    }
    case 'uri':
      return uriHost(name.text);
  }
}

/** None where it is an address, which no domain can say anything of. */
function uriHost(text: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const name = host.startsWith('[') ? '' : host.replace(/:\d*$/, '');
  return name === '' || /^\d+(\.\d+){3}$/.test(name) ? undefined : name;
}

function isInNetwork(address: Buffer, network: Buffer): boolean {
  if (network.length !== 2 * address.length) return false;
  const mask = network.subarray(address.length);
  return address.every((byte, i) => (byte & (mask[i] ?? 0)) === ((network[i] ?? 0) & (mask[i] ?? 0)));
}

function textOf(name: Named): string {
  return name.kind === 'ip' ? addressText(name.bytes) : name.text;
}

/** `10.0.0.1`, and of a network `10.0.0.0/ff000000`. */
function addressText(bytes: Buffer): string {
  if (bytes.length === 4 || bytes.length === 16)
    return ipText({ family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString('hex')}`) });
  const half = bytes.length / 2;
  return half === 4 || half === 16 ? `${addressText(bytes.subarray(0, half))}/${bytes.toString('hex', half)}` : '?';
}
