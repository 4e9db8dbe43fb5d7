// Loaded on first use: jose and zod cost more than the rest of the start-up, and most clusters in tests never see a JWT.
import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import * as z from 'zod';
import { TokenError } from '../token-authenticator';
import { serviceAccountUsername } from './service-account-user';
import { legacyIssuer, type TokenClaims } from './token-claims';
import type { TokenKey } from './token-key';

const name = z.string().min(1);
const nameAndUid = z.object({ name, uid: z.string().default('') });
const times = { exp: z.number().optional(), nbf: z.number().optional(), iat: z.number().optional() };
const audience = z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]);

const boundClaims = z.object({
  ...times,
  iss: z.string(),
  sub: z.string(),
  aud: audience,
  jti: z.string().optional(),
  'kubernetes.io': z.object({
    namespace: name,
    serviceaccount: nameAndUid,
    pod: nameAndUid.optional(),
    node: nameAndUid.optional(),
    secret: nameAndUid.optional(),
    warnafter: z.number().optional(),
  }),
});

const legacyClaims = z.object({
  ...times,
  iss: z.literal(legacyIssuer),
  sub: name,
  aud: audience,
  'kubernetes.io/serviceaccount/namespace': name,
  'kubernetes.io/serviceaccount/secret.name': name,
  'kubernetes.io/serviceaccount/service-account.name': name,
  'kubernetes.io/serviceaccount/service-account.uid': name,
});

/**
 * Checks the signature and the shape of a token of ours; time and living objects are the caller's matter, as they change.
 * Throws `TokenError`.
 */
export async function verifyToken(text: string, keys: readonly TokenKey[]): Promise<TokenClaims> {
  const payload = await verifiedPayload(text, keys);
  const claims = readClaims(payload);
  if (claims === undefined) throw new TokenError('service account token claims could not be validated');
  return claims;
}

async function verifiedPayload(text: string, keys: readonly TokenKey[]): Promise<unknown> {
  try {
    const { kid } = decodeProtectedHeader(text);
    const candidates = kid === undefined ? keys : keys.filter((key) => key.id === kid);
    if (candidates.length === 0) throw new TokenError('invalid signature, no keys found');
    for (const { key, algorithm } of candidates) {
      // The key says which algorithm is right, never the token.
      const verified = await compactVerify(text, key, { algorithms: [algorithm] }).catch(joseErrorOrThrow);
      if (verified !== undefined) return JSON.parse(Buffer.from(verified.payload).toString()) as unknown;
    }
    throw new TokenError('invalid signature');
  } catch (error) {
    // A header or a payload that is no JSON.
    if (error instanceof TypeError || error instanceof SyntaxError)
      throw new TokenError('invalid token', { cause: error });
    throw error;
  }
}

function joseErrorOrThrow(error: unknown): undefined {
  if (!(error instanceof errors.JOSEError)) throw error;
}

function readClaims(payload: unknown): TokenClaims | undefined {
  const legacy = legacyClaims.safeParse(payload);
  if (legacy.success) {
    const data = legacy.data;
    const namespace = data['kubernetes.io/serviceaccount/namespace'];
    const accountName = data['kubernetes.io/serviceaccount/service-account.name'];
    if (data.sub !== serviceAccountUsername(namespace, accountName)) throw new TokenError('sub claim is invalid');
    return {
      namespace,
      account: { name: accountName, uid: data['kubernetes.io/serviceaccount/service-account.uid'] },
      audiences: data.aud,
      expires: data.exp,
      notBefore: data.nbf,
      // Nobody looks at it (pkg/serviceaccount `legacyValidator`).
      issuedAt: undefined,
      warnAfter: undefined,
      jti: undefined,
      pod: undefined,
      node: undefined,
      secret: undefined,
      legacySecret: data['kubernetes.io/serviceaccount/secret.name'],
    };
  }
  const bound = boundClaims.safeParse(payload);
  if (!bound.success) return undefined;
  const { namespace, serviceaccount, pod, node, secret, warnafter } = bound.data['kubernetes.io'];
  const { aud, exp, nbf, iat, jti, iss } = bound.data;
  if (iss === legacyIssuer) return undefined;
  return {
    namespace,
    account: serviceaccount,
    audiences: aud,
    expires: exp,
    notBefore: nbf,
    issuedAt: iat,
    warnAfter: warnafter,
    jti: jti === '' ? undefined : jti,
    pod,
    node,
    secret,
    legacySecret: undefined,
  };
}
