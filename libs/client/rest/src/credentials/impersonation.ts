/** Whom to be instead: what `as`, `as-uid`, `as-groups` and `as-user-extra` of a kubeconfig say. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The headers that ask for it (client-go/transport `impersonatingRoundTripper`). */
export function impersonationHeaders({ user, uid, groups = [], extra = {} }: Impersonation): Record<string, string[]> {
  return {
    'impersonate-user': [user],
    ...(uid === undefined ? {} : { 'impersonate-uid': [uid] }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`impersonate-extra-${escapedKey(key)}`, [...values]]),
    ),
  };
}

/** What no name of a header may hold, and what escapes it (client-go/transport `headerKeyEscape`). */
const escapedKey = (key: string): string =>
  [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
