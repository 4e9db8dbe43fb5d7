/** Whose token it says it is, unverified; undefined for what is no JWT. */
export function untrustedIssuer(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as { iss?: unknown } | null;
    return typeof claims?.iss === 'string' ? claims.iss : undefined;
  } catch {
    // Not JSON, so nobody's.
    return undefined;
  }
}
