import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@reckon/kernel';
import type { Storage, StoredJson, StoredObject } from '@reckon/store/contract';
import { intersection } from './audiences';
import type { AuthnResult } from './authenticator';
import { withAuthenticatedGroup } from './groups';
import type { TokenAuthenticator } from './token-authenticator';

export interface BootstrapTokenOptions {
  readonly storage: Pick<Storage, 'get'>;
  readonly apiAudiences: readonly string[];
  readonly clock: Clock;
}

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
const usersPrefix = 'system:bootstrap:';
const everyGroup = 'system:bootstrappers';

/**
 * `--enable-bootstrap-token-auth`: tokens in Secrets `bootstrap-token-<id>` of kube-system, by which machines come to their first
 * certificate (plugin/pkg/auth/authenticator/token/bootstrap). The Secret is read on each request; what is wrong with it is not told.
 */
export function bootstrapTokens({ storage, apiAudiences, clock }: BootstrapTokenOptions): TokenAuthenticator {
  function resultOf(
    stored: StoredObject | undefined,
    id: string,
    secret: string,
    audiences: readonly string[],
  ): AuthnResult | undefined {
    const groups = stored === undefined ? undefined : groupsOf(stored.parse(), id, secret, clock.nowMs());
    if (groups === undefined) return undefined;
    return { user: withAuthenticatedGroup({ name: `${usersPrefix}${id}`, groups }), audiences };
  }

  return {
    authenticateToken({ text }, wanted) {
      const [, id, secret] = form.exec(text) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const audiences = wanted === undefined ? apiAudiences : intersection(wanted, apiAudiences);
      if (wanted !== undefined && audiences.length === 0) return undefined;
      const key = { group: '', resource: 'secrets', namespace: 'kube-system', name: `bootstrap-token-${id}` };
      const stored = storage.get(key);
      return stored instanceof Promise
        ? stored.then((object) => resultOf(object, id, secret, audiences))
        : resultOf(stored, id, secret, audiences);
    },
  };
}

/** The groups of whoever shows the token; undefined where the Secret does not stand behind it. */
function groupsOf(object: StoredJson, id: string, secret: string, nowMs: number): string[] | undefined {
  const {
    type,
    data = {},
    metadata,
  } = object as StoredJson & {
    readonly type?: string;
    readonly data?: Readonly<Record<string, string>>;
  };
  const value = (key: string): string =>
    Object.hasOwn(data, key) ? Buffer.from(data[key] ?? '', 'base64').toString('utf8') : '';
  if (type !== 'bootstrap.kubernetes.io/token' || Object.hasOwn(metadata, 'deletionTimestamp')) return undefined;
  if (!isSame(value('token-secret'), secret) || value('token-id') !== id) return undefined;
  const expiration = value('expiration');
  // A time that cannot be read is one that is over.
  if (expiration !== '' && !(rfc3339.test(expiration) && Date.parse(expiration) > nowMs)) return undefined;
  if (value('usage-bootstrap-authentication') !== 'true') return undefined;
  const extra = value('auth-extra-groups');
  const named = extra === '' ? [] : extra.split(',');
  if (!named.every((group) => groupForm.test(group))) return undefined;
  return [...new Set([everyGroup, ...named])].sort();
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
