import { type KeyObject, constants, createPublicKey, verify } from 'node:crypto';
import { DerError, DerReader, derTags, oidText } from './der-reader';
import { pemBlocks } from './pem-blocks';
import { type AlternativeNames, namesInRequest } from './subject-alternative-names';

/** What is wrong with a request or a certificate, in Go's words, which the API's answers carry. */
export class CertificateProblem extends Error {
  readonly code = 'CertificateProblem';
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'CertificateProblem';
  }
}

export interface InspectedRequest extends AlternativeNames {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** Identifier and text of each part of the subject, in order. */
  readonly subject: readonly (readonly [oid: string, text: string])[];
  readonly publicKey: KeyObject;
  /** Throws `CertificateProblem` when it was not signed by the key that it is for. */
  checkSignature(): void;
}

const organization = '2.5.4.10';
const commonName = '2.5.4.3';

/** Signature algorithms by their identifiers; RSASSA-PSS says its hash in parameters. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};
const rsaPss = '1.2.840.113549.1.1.10';
const ed25519 = '1.3.101.112';
const pssHashes: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/**
 * Reads a PKCS #10 request (RFC 2986) in PEM without waiting: the API's validation is synchronous. Who approves and who signs read it
 * with the same code, so that none of them sees another request than the one before. Throws `CertificateProblem`.
 */
export function inspectCertificateRequest(pem: string): InspectedRequest {
  const [first] = pemBlocks(pem);
  if (first?.type !== 'CERTIFICATE REQUEST') throw new CertificateProblem('PEM block type must be CERTIFICATE REQUEST');
  try {
    return inspect(first.bytes);
  } catch (error) {
    if (error instanceof DerError) throw new CertificateProblem(error.message, { cause: error });
    throw error;
  }
}

function inspect(der: Buffer): InspectedRequest {
  const file = new DerReader(der);
  const whole = file.take(derTags.sequence, 'certificateRequest');
  file.end();
  const request = new DerReader(whole.content);
  const body = request.take(derTags.sequence, 'tbsCertificateRequest');
  const algorithm = request.take(derTags.sequence, 'AlgorithmIdentifier');
  const signature = request.take(derTags.bitString, 'BitString');

  const fields = new DerReader(body.content);
  fields.take(derTags.integer, 'int');
  const subject = fields.take(derTags.sequence, 'RawValue');
  const keyInfo = fields.take(derTags.sequence, 'publicKeyInfo');
  const attributes = fields.take(0xa0, 'RawValue');
  const names = attributesOf(subject.content);
  const publicKey = keyOf(keyInfo.raw);
  return {
    ...alternativeNamesOf(attributes.content),
    commonName: names.findLast(([oid]) => oid === commonName)?.[1] ?? '',
    organizations: names.filter(([oid]) => oid === organization).map(([, text]) => text),
    subject: names,
    publicKey,
    checkSignature: () => {
      checkSignature(publicKey, algorithm.content, body.raw, signature.content.subarray(1));
    },
  };
}

function alternativeNamesOf(attributes: Buffer): AlternativeNames {
  const names = namesInRequest(attributes);
  if (typeof names === 'string') throw new CertificateProblem(names);
  return names;
}

/** Pairs of identifier and text of a distinguished name, in order. */
function attributesOf(name: Buffer): [oid: string, text: string][] {
  const found: [string, string][] = [];
  const sets = new DerReader(name);
  while (!sets.isAtEnd) {
    const set = new DerReader(sets.take(derTags.set, 'RelativeDistinguishedNameSET').content);
    while (!set.isAtEnd) {
      const pair = new DerReader(set.take(derTags.sequence, 'AttributeTypeAndValue').content);
      const oid = oidText(pair.take(derTags.oid, 'ObjectIdentifier').content);
      const { tag, content } = pair.next();
      found.push([oid, tag === 0x1e ? utf16Text(content) : content.toString('utf8')]);
    }
  }
  return found;
}

/** A BMPString: two bytes a character, the high one first. */
const utf16Text = (bytes: Buffer): string =>
  Buffer.from(bytes)
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');

function keyOf(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new CertificateProblem('x509: failed to parse public key', { cause });
  }
}

function checkSignature(key: KeyObject, algorithm: Buffer, signed: Buffer, signature: Buffer): void {
  const parts = new DerReader(algorithm);
  const oid = oidText(parts.take(derTags.oid, 'ObjectIdentifier').content);
  const type = key.asymmetricKeyType ?? '';
  const [wanted, hash, options] =
    oid === ed25519
      ? ['ed25519', null, { key }]
      : oid === rsaPss
        ? ['rsa', pssHash(parts), { key, padding: constants.RSA_PKCS1_PSS_PADDING }]
        : [oid.startsWith('1.2.840.113549.') ? 'rsa' : 'ec', hashes[oid], { key }];
  if (hash === undefined) throw new CertificateProblem('x509: cannot verify signature: algorithm unimplemented');
  if (type !== wanted)
    throw new CertificateProblem(
      `x509: signature algorithm specifies an ${goKeyNames[wanted] ?? wanted} public key, but have public key of type ${goKeyTypes[type] ?? type}`,
    );
  if (!verify(hash, signed, options, signature)) throw new CertificateProblem(mismatches[wanted] ?? '');
}

const goKeyNames: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' };
const goKeyTypes: Readonly<Record<string, string>> = {
  rsa: '*rsa.PublicKey',
  ec: '*ecdsa.PublicKey',
  ed25519: 'ed25519.PublicKey',
};
const mismatches: Readonly<Record<string, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
};

/** The hash of RSASSA-PSS parameters: `[0] AlgorithmIdentifier` first. */
function pssHash(parts: DerReader): string | undefined {
  const parameters = new DerReader(parts.take(derTags.sequence, 'pssParameters').content);
  const tagged = new DerReader(parameters.take(0xa0, 'AlgorithmIdentifier').content);
  const identifier = new DerReader(tagged.take(derTags.sequence, 'AlgorithmIdentifier').content);
  return pssHashes[oidText(identifier.take(derTags.oid, 'ObjectIdentifier').content)];
}
