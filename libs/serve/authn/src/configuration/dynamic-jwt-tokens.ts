// Loaded on first use, with all that it needs.
import type { Running, Timers } from '@reckon/kernel';
import type { CompiledJwtAuthenticator } from '../jwt/compile-jwt-authenticator';
import { type JwtTokenOptions, type JwtTokens, jwtTokens } from '../jwt/jwt-tokens';
import type { TokenAuthenticator } from '../token-authenticator';
import { tokenUnion } from '../token-union';

export interface DynamicJwtTokens extends TokenAuthenticator, Running {
  /**
   * Others take the place of those there are, once all their providers have been found; until then the old ones answer. Rejects
   * where one was not found in time: then nothing has changed.
   */
  replace(compiled: readonly CompiledJwtAuthenticator[]): Promise<void>;
}

/** Upstream gives a new configuration a minute to show that it works. */
const patienceMs = 60_000;

/** The issuers of a configuration that may change while the server runs. */
export function dynamicJwtTokens(
  first: readonly CompiledJwtAuthenticator[],
  basics: Omit<JwtTokenOptions, 'compiled'>,
): DynamicJwtTokens {
  const started = (compiled: readonly CompiledJwtAuthenticator[]): readonly JwtTokens[] =>
    compiled.map((one) => jwtTokens({ ...basics, compiled: one }));
  let members = started(first);
  let union = tokenUnion(members);
  const leaving = new Set<Promise<unknown>>();
  const abort = new AbortController();

  function end(gone: readonly JwtTokens[]): void {
    const ended = Promise.all(gone.map((one) => one.stop()));
    leaving.add(ended);
    void ended.finally(() => leaving.delete(ended));
  }

  return {
    authenticateToken: (token, audiences) => union.authenticateToken(token, audiences),
    async replace(compiled) {
      const next = started(compiled);
      if (!(await inTime(Promise.all(next.map(({ ready }) => ready)), basics.timers, abort.signal))) {
        end(next);
        throw new Error('a provider of the new configuration was not found in a minute');
      }
      const gone = members;
      members = next;
      union = tokenUnion(next);
      end(gone);
      const believed = new Set(compiled.map(({ config }) => config.issuer.url));
      for (const { issuer } of gone) if (!believed.has(issuer)) basics.metrics?.forget(issuer);
    },
    async stop() {
      abort.abort();
      end(members);
      await Promise.all(leaving);
    },
  };
}

async function inTime(ready: Promise<unknown>, timers: Timers, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([
      ready.then(() => true),
      timers.sleep(patienceMs, AbortSignal.any([signal, over.signal])).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}
