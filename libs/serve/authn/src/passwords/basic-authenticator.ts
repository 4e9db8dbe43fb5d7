import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authenticator, AuthnResult } from '../authenticator';
import { withAuthenticatedGroup } from '../groups';
import { TokenError } from '../token-authenticator';
import type { KnownPassword } from './password-file';

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
/** What a user who is not there is compared with: that takes as long. */
const nobodys = digestOf('');

/**
 * HTTP Basic by a password file. Passwords are compared by their digests, in constant time, and a stranger's name takes as long as a
 * known one. What is no Basic credential at all is nothing, as upstream.
 */
export function basicAuthenticator(known: Iterable<KnownPassword>): Authenticator {
  const users = new Map<string, { readonly digest: Buffer; readonly result: AuthnResult }>();
  for (const { password, user } of known)
    users.set(user.name, { digest: digestOf(password), result: { user: withAuthenticatedGroup(user) } });

  return {
    name: 'basic',
    authenticate({ authorization }) {
      const given = basicCredential(authorization);
      if (given === undefined) return undefined;
      const user = users.get(given.name);
      const isSame = timingSafeEqual(digestOf(given.password), user?.digest ?? nobodys);
      if (user === undefined || !isSame) throw new TokenError('invalid username/password combination');
      return user.result;
    },
  };
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** As Go's `Request.BasicAuth`: the scheme in any case, one space, base64 of `name:password`. */
function basicCredential(authorization: string): { readonly name: string; readonly password: string } | undefined {
  if (!/^basic /i.test(authorization)) return undefined;
  const encoded = authorization.slice('basic '.length);
  if (encoded.length % 4 !== 0 || !base64.test(encoded)) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
