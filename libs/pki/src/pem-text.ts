/** DER in PEM, 64 characters a line. */
export function pemText(type: 'CERTIFICATE' | 'CERTIFICATE REQUEST', bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}
