import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const pemBlock = /-----BEGIN ([^\n]*?)-----\r?\n([\s\S]*?)-----END \1-----/g;

/**
 * The certificates of a text that can be read, as PEM: others, and what stands between them, are passed over (crypto/x509
 * `AppendCertsFromPEM`). Throws where a text that is not empty holds none, in client-go's words (client-go/transport
 * `createErrorParsingCAData`). One that is empty is an authority that nobody is known by.
 */
export function authoritiesIn(text: string): string {
  if (text === '') return '';
  const blocks = [...text.matchAll(pemBlock)];
  if (blocks.length === 0) throw new Error('unable to load root certificates: unable to parse bytes as PEM block');
  const certificates: string[] = [];
  let problem = 'no valid certificate authority data seen';
  for (const [block, type, body = ''] of blocks) {
    // A colon makes it a header.
    if (type !== 'CERTIFICATE' || body.includes(':')) continue;
    try {
      certificates.push(new X509Certificate(block).toString());
    } catch (error) {
      problem = `failed to parse certificate: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  if (certificates.length === 0) throw new Error(`unable to load root certificates: ${problem}`);
  return certificates.join('');
}

/** Those of a file that was good before; undefined where it is empty, half written or gone, which changes nothing. */
export function authoritiesAgain(file: string): string | undefined {
  try {
    const found = authoritiesIn(readFileSync(file, 'utf8'));
    return found === '' ? undefined : found;
  } catch {
    // What worked until now is worth more than a file that cannot be used.
    return undefined;
  }
}

/** Node takes an empty text for none, and trusts what the machine trusts (client-go/transport `rootCertPool` trusts nobody then). */
export const trusted = (caPem: string): string | string[] => (caPem === '' ? [] : caPem);
