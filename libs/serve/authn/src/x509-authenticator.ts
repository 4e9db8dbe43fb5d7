import { createHash } from 'node:crypto';
import type { Authenticator, AuthnResult, PeerCertificate } from './authenticator';
import type { ClientVerifier } from './certificates/client-verifier';
import { commonNameOf } from './certificates/common-name';
import { withAuthenticatedGroup } from './groups';

const allOf = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/**
 * Client certificates: the common name is the user, the organisations are the groups
 * (k8s.io/apiserver/pkg/authentication/request/x509 `CommonNameUserConversion`). The user is made once per connection and kept with
 * the certificate; whether it still holds is asked each time.
 */
export function x509Authenticator(verifier: ClientVerifier): Authenticator {
  const known = new WeakMap<PeerCertificate, AuthnResult>();
  return {
    name: 'x509',
    authenticate({ peerCertificate }) {
      if (peerCertificate === undefined) return undefined;
      verifier.demand(peerCertificate);
      const before = known.get(peerCertificate);
      if (before !== undefined) return before;
      const name = commonNameOf(peerCertificate);
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
