export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const block = /^-----BEGIN ([^\n]*?)-----[ \t\r]*\n([\s\S]*?)^-----END \1-----[ \t\r]*$/gm;
const header = /^[^:\n]+:[^\n]*\n/gm;

/** The PEM blocks of a text, in order; what stands around them and what is no base64 is passed over (encoding/pem `Decode`). */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, type = '', body = ''] of text.matchAll(block)) {
    const base64 = body.replace(header, '').replace(/\s/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) continue;
    blocks.push({ type, hasHeaders: body.includes(':'), bytes: Buffer.from(base64, 'base64') });
  }
  return blocks;
}
