import { subjectTexts } from '@reckon/pki';
import { createHash } from 'node:crypto';
import type { Authenticator, AuthnResult, PeerCertificate } from './authenticator';
import type { ClientVerifier } from './certificates/client-verifier';
import { commonNameOf } from './certificates/common-name';
import { withAuthenticatedGroup } from './groups';
import { TokenError } from './token-authenticator';

const allOf = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/**
 * Client certificates: the common name is the user, the organisations are the groups
 * (k8s.io/apiserver/pkg/authentication/request/x509 `CommonNameUserConversion`). The user is made once per connection and kept with
 * the certificate; whether it still holds is asked each time. `shown` is told of every certificate.
 */
export function x509Authenticator(verifier: ClientVerifier, shown?: (peer: PeerCertificate) => void): Authenticator {
  const known = new WeakMap<PeerCertificate, AuthnResult>();
  return {
    name: 'x509',
    authenticate({ peerCertificate }) {
      if (peerCertificate === undefined) return undefined;
      shown?.(peerCertificate);
      verifier.demand(peerCertificate);
      const before = known.get(peerCertificate);
      if (before !== undefined) return before;
      const name = commonNameOf(peerCertificate);
      if (name === '') return undefined;
      const uid = uidOf(peerCertificate);
      const fingerprint = createHash('sha256').update(peerCertificate.raw).digest('hex');
      const result: AuthnResult = {
        user: withAuthenticatedGroup({
          name,
          ...(uid === '' ? {} : { uid }),
          groups: [...allOf(peerCertificate.subject.O)],
          extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
        }),
      };
      known.set(peerCertificate, result);
      return result;
    },
  };
}

/** k8s.io/apimachinery/pkg/apis/asn1 `X509UID` */
const uidPart = '1.3.6.1.4.1.57683.2';
/** The same in DER: hardly a certificate has it, and is taken apart. */
const uidBytes = Buffer.from('2b0601040183c25302', 'hex');

/** '' where the subject names none; one that cannot be told is no user (`parseUIDFromCert`). */
function uidOf({ raw }: PeerCertificate): string {
  if (!raw.includes(uidBytes)) return '';
  const texts = subjectTexts(raw, uidPart);
  if (texts.length === 0) return '';
  if (texts.includes(undefined)) throw new TokenError('unable to parse UID into a string');
  if (texts.length > 1) throw new TokenError(`expected 1 UID, but found multiple: [${texts.join(' ')}]`);
  const [uid = ''] = texts;
  if (uid === '') throw new TokenError('UID cannot be an empty string');
  return uid;
}
