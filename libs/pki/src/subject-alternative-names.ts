import { ipText } from '@reckon/api/machinery';
import { DerError, DerReader, derTags, oidText } from './der-reader';

/** The names besides its subject that a request asks for. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  /** As text, `10.0.0.1` or `2001:db8::1`. */
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
}

const extensionRequest = '1.2.840.113549.1.9.14';
const alternativeName = '2.5.29.17';

const nothing: AlternativeNames = { dnsNames: [], emailAddresses: [], ipAddresses: [], uris: [] };

/** Of a PKCS #10 request's attributes; a text says what is wrong with them, as crypto/x509 `parseCSRExtensions` does. */
export function namesInRequest(attributes: Buffer): AlternativeNames | string {
  const seen = new Set<string>();
  let names: AlternativeNames | string = nothing;
  for (const extensions of requestedExtensions(attributes)) {
    const list = new DerReader(extensions);
    while (!list.isAtEnd) {
      const extension = new DerReader(list.take(derTags.sequence, 'Extension').content);
      const id = oidText(extension.take(derTags.oid, 'ObjectIdentifier').content);
      if (seen.has(id)) return 'x509: certificate request contains duplicate requested extensions';
      seen.add(id);
      let value = extension.next();
      // Whether it is critical.
      if (value.tag === 0x01) value = extension.next();
      if (id === alternativeName && typeof names !== 'string') names = parseNames(value.content);
    }
  }
  return names;
}

/** The extensions in the first value of each attribute that asks for some; attributes that cannot be read are passed over. */
function* requestedExtensions(attributes: Buffer): Generator<Buffer> {
  const list = new DerReader(attributes);
  while (!list.isAtEnd) {
    const attribute = list.next();
    const values = valuesOf(attribute.content);
    if (values === undefined) continue;
    yield new DerReader(values).take(derTags.sequence, '[]pkix.Extension').content;
  }
}

function valuesOf(attribute: Buffer): Buffer | undefined {
  try {
    const parts = new DerReader(attribute);
    if (oidText(parts.take(derTags.oid, 'ObjectIdentifier').content) !== extensionRequest) return undefined;
    const values = parts.take(derTags.set, '[]asn1.RawValue').content;
    return values.length === 0 ? undefined : values;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function parseNames(extension: Buffer): AlternativeNames | string {
  const found = {
    dnsNames: [] as string[],
    emailAddresses: [] as string[],
    ipAddresses: [] as string[],
    uris: [] as string[],
  };
  const names = new DerReader(new DerReader(extension).take(derTags.sequence, 'GeneralNames').content);
  while (!names.isAtEnd) {
    const { tag, content } = names.next();
    const text = content.toString('latin1');
    const isIa5 = content.every((byte) => byte < 0x80);
    switch (tag & 0x1f) {
      case 1:
        if (!isIa5) return 'x509: SAN rfc822Name is malformed';
        found.emailAddresses.push(text);
        break;
      case 2:
        if (!isIa5) return 'x509: SAN dNSName is malformed';
        found.dnsNames.push(text);
        break;
      case 6:
        if (!isIa5) return 'x509: SAN uniformResourceIdentifier is malformed';
        if (!URL.canParse(text)) return `x509: cannot parse URI ${JSON.stringify(text)}`;
        found.uris.push(text);
        break;
      case 7:
        if (content.length !== 4 && content.length !== 16)
          return `x509: cannot parse IP address of length ${String(content.length)}`;
        found.ipAddresses.push(
          ipText({ family: content.length === 4 ? 4 : 6, value: BigInt(`0x${content.toString('hex')}`) }),
        );
    }
  }
  return found;
}
