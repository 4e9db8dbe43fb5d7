import type { Monotonic } from '@reckon/kernel';
import * as z from 'zod';
import type { FetchedDocument } from './fetch-document';

/** A public key as a provider publishes it (RFC 7517); whether it fits is found out when it is used. */
export type PublishedKey = z.infer<typeof keyForm>;

const keyForm = z
  .object({ kty: z.string(), kid: z.string().optional(), use: z.string().optional(), alg: z.string().optional() })
  .catchall(z.unknown());
const setForm = z.object({ keys: z.array(keyForm) });

export interface RemoteKeysOptions {
  readonly fetch: () => Promise<FetchedDocument>;
  /** The text of a set that is known from now on; undefined: it was asked for in vain. */
  readonly fetched?: ((keySet: string | undefined) => void) | undefined;
  readonly clock: Monotonic;
  /** An unknown key has the set fetched again, but not more often than this. Default 5 s. */
  readonly leastMs?: number;
}

/** The key set of a provider. */
export interface RemoteKeys {
  /** Those that may have signed: of this id, or all where a token names none. From memory while that is fresh. */
  candidates(kid: string | undefined): Promise<readonly PublishedKey[]>;
  /** The same after a look at the provider; undefined where it was asked just now. */
  fresh(kid: string | undefined): Promise<readonly PublishedKey[] | undefined>;
}

const usualMs = 10 * 60_000;
const longestMs = 24 * 60 * 60_000;

/** Rejects while the provider cannot be asked and no keys are known; keys that are known outlive its absence. */
export function remoteKeys({ fetch, fetched, clock, leastMs = 5_000 }: RemoteKeysOptions): RemoteKeys {
  let keys: readonly PublishedKey[] | undefined;
  let fetchedMs = -Infinity;
  let freshUntilMs = -Infinity;
  let underway: Promise<void> | undefined;

  async function load(): Promise<void> {
    let known: string | undefined;
    try {
      known = await loadText();
    } finally {
      fetched?.(known);
    }
  }

  async function loadText(): Promise<string> {
    fetchedMs = clock.elapsedMs();
    const { text, maxAgeMs = usualMs } = await fetch();
    const parsed = setForm.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error('oidc: failed to decode keys');
    // Secrets are no public keys: one who publishes some must not have made them signing keys.
    keys = parsed.data.keys.filter(({ kty, use }) => (kty === 'RSA' || kty === 'EC') && (use ?? 'sig') === 'sig');
    freshUntilMs = clock.elapsedMs() + Math.min(Math.max(maxAgeMs, leastMs), longestMs);
    return text;
  }

  const refresh = (): Promise<void> =>
    (underway ??= load().finally(() => {
      underway = undefined;
    }));

  const ofId = (kid: string | undefined): readonly PublishedKey[] =>
    (keys ?? []).filter((key) => kid === undefined || key.kid === kid);

  const mayAsk = (): boolean => underway !== undefined || clock.elapsedMs() - fetchedMs >= leastMs;

  return {
    async candidates(kid) {
      if (keys === undefined) await refresh();
      // A provider that does not answer has not withdrawn its keys.
      else if (clock.elapsedMs() > freshUntilMs && mayAsk()) await refresh().catch(() => undefined);
      return ofId(kid);
    },
    async fresh(kid) {
      if (!mayAsk()) return undefined;
      await refresh();
      return ofId(kid);
    },
  };
}
