import { createHash } from 'node:crypto';
import type { Authenticator, AuthnResult, PeerCertificate } from './authenticator';
import { withAuthenticatedGroup } from './groups';
import { TokenError } from './token-authenticator';

const lastOf = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? (value.at(-1) ?? '') : (value ?? '');
const allOf = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/**
 * Client certificates: the common name is the user, the organisations are the groups
 * (k8s.io/apiserver/pkg/authentication/request/x509 `CommonNameUserConversion`). Asked once per connection: the answer is kept
 * with the certificate.
 */
export function x509Authenticator(): Authenticator {
  const known = new WeakMap<PeerCertificate, AuthnResult>();
  return {
    name: 'x509',
    authenticate({ peerCertificate }) {
      if (peerCertificate === undefined) return undefined;
      const before = known.get(peerCertificate);
      if (before !== undefined) return before;
      if (!peerCertificate.verified) throw new TokenError('x509: certificate signed by unknown authority');
      const name = lastOf(peerCertificate.subject.CN);
      if (name === '') return undefined;
      const fingerprint = createHash('sha256').update(peerCertificate.raw).digest('hex');
      const result: AuthnResult = {
        user: withAuthenticatedGroup({
          name,
          groups: [...allOf(peerCertificate.subject.O)],
          extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
        }),
      };
      known.set(peerCertificate, result);
      return result;
    },
  };
}
