import type { Clock, Random } from '@reckon/kernel';
import type { KeyObject } from 'node:crypto';
import { serviceAccountUsername } from './service-account-user';
import { legacyIssuer, type NameAndUid } from './token-claims';
import { type SigningKey, signingKey } from './token-key';

export interface TokenAccount extends NameAndUid {
  readonly namespace: string;
}

export interface BoundTokenClaims {
  readonly account: TokenAccount;
  readonly audiences: readonly string[];
  /** The token ends this long after `nowMs`. */
  readonly expirationSeconds: number;
  /** Later use is counted and told, not refused. */
  readonly warnAfterSeconds?: number;
  readonly pod?: NameAndUid;
  /** Without uid where the pod's node is not there. */
  readonly node?: { readonly name: string; readonly uid?: string };
  readonly secret?: NameAndUid;
}

/** Signs service account tokens with the cluster's key. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly key: SigningKey;
  /** A token of the TokenRequest API (pkg/serviceaccount `Claims`). */
  issue(claims: BoundTokenClaims): Promise<string>;
  /** A token that stands in a Secret and holds as long as that does (`LegacyClaims`). */
  issueLegacy(account: TokenAccount, secretName: string): Promise<string>;
}

export interface TokenIssuerOptions {
  /** Private key: PEM or a key object. */
  readonly key: string | Buffer | KeyObject;
  /** `--service-account-issuer`, a URL. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly random: Random;
}

export function tokenIssuer({ key: keyText, issuer, clock, random }: TokenIssuerOptions): TokenIssuer {
  const key = signingKey(keyText);

  async function sign(claims: Record<string, unknown>): Promise<string> {
    const { SignJWT } = await import('jose');
    return new SignJWT(claims).setProtectedHeader({ alg: key.algorithm, kid: key.id }).sign(key.privateKey);
  }

  return {
    issuer,
    key,
    issue({ account, audiences, expirationSeconds, warnAfterSeconds, pod, node, secret }) {
      const now = Math.floor(clock.nowMs() / 1000);
      return sign({
        aud: audiences,
        exp: now + expirationSeconds,
        iat: now,
        iss: issuer,
        jti: random.uuid(),
        'kubernetes.io': {
          namespace: account.namespace,
          ...(node === undefined ? {} : { node: refClaim(node) }),
          ...(pod === undefined ? {} : { pod: refClaim(pod) }),
          ...(secret === undefined ? {} : { secret: refClaim(secret) }),
          serviceaccount: refClaim(account),
          ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
        },
        nbf: now,
        sub: serviceAccountUsername(account.namespace, account.name),
      });
    },
    issueLegacy: (account, secretName) =>
      sign({
        iss: legacyIssuer,
        'kubernetes.io/serviceaccount/namespace': account.namespace,
        'kubernetes.io/serviceaccount/secret.name': secretName,
        'kubernetes.io/serviceaccount/service-account.name': account.name,
        'kubernetes.io/serviceaccount/service-account.uid': account.uid,
        sub: serviceAccountUsername(account.namespace, account.name),
      }),
  };
}

const refClaim = ({ name, uid }: { readonly name: string; readonly uid?: string }): object =>
  uid === undefined || uid === '' ? { name } : { name, uid };
