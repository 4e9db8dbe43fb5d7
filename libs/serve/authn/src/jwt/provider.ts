import type { Logger, Monotonic, Running, Timers } from '@reckon/kernel';
import * as z from 'zod';
import { TokenError } from '../token-authenticator';
import { type FetchedDocument, fetchDocument } from './fetch-document';
import { type RemoteKeys, remoteKeys } from './remote-keys';

export interface ProviderOptions {
  readonly issuer: string;
  /** '': at the issuer's well-known path. */
  readonly discoveryUrl: string;
  readonly caPem: string | undefined;
  readonly clock: Monotonic;
  readonly timers: Timers;
  readonly logger: Logger;
  /** The text of its keys, each time that they were asked for; undefined: in vain. */
  readonly fetched?: (keySet: string | undefined) => void;
}

/** An issuer of ID tokens, found by OpenID Connect discovery. */
export interface Provider extends Running {
  /** Waits for an attempt to find it that is under way. Throws `TokenError` while it was not found. */
  keys(): Promise<RemoteKeys>;
  /** Resolves when it has been found. Never rejects; does not resolve after `stop`. */
  readonly found: Promise<void>;
  fetch(url: string, bearer?: string): Promise<FetchedDocument>;
}

const againMs = 10_000;
const configurationForm = z.object({ issuer: z.string(), jwks_uri: z.string() });

/** Looks for it at once and every ten seconds until it is there: it may be a pod of this very cluster. */
export function findProvider(options: ProviderOptions): Provider {
  const { issuer, discoveryUrl, caPem, clock, timers, logger, fetched } = options;
  const abort = new AbortController();
  const fetch = (url: string, bearer?: string): Promise<FetchedDocument> =>
    fetchDocument(url, { caPem, timers, signal: abort.signal, ...(bearer === undefined ? {} : { bearer }) });
  let keys: RemoteKeys | undefined;
  let attempt: Promise<void> = Promise.resolve();

  async function discover(): Promise<void> {
    const url = discoveryUrl === '' ? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration` : discoveryUrl;
    const parsed = configurationForm.safeParse(JSON.parse((await fetch(url)).text));
    if (!parsed.success) throw new Error('oidc: failed to decode provider discovery object');
    const { issuer: named, jwks_uri: keysUrl } = parsed.data;
    if (named !== issuer)
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(named)}`,
      );
    keys = remoteKeys({ clock, fetch: () => fetch(keysUrl), fetched });
  }

  async function search(): Promise<void> {
    while (!abort.signal.aborted) {
      attempt = discover().catch((error: unknown) => {
        if (!abort.signal.aborted) logger.error('OIDC provider not found', { issuer, error });
      });
      await attempt;
      if (keys !== undefined) return;
      await timers.sleep(againMs, abort.signal);
    }
  }

  const searching = search();
  return {
    found: new Promise((resolve) => {
      void searching.then(() => {
        if (keys !== undefined) resolve();
      });
    }),
    fetch,
    async keys() {
      if (keys === undefined) await attempt;
      if (keys === undefined) throw new TokenError('oidc: authenticator not initialized');
      return keys;
    },
    async stop() {
      abort.abort();
      await searching;
    },
  };
}
