import { readFileSync } from 'node:fs';
import type { Clock } from '@reckon/kernel';
import type { CredentialSource, Credentials } from './credential-source';

/** client-go/transport `NewCachedFileTokenSource` */
const lifetimeMs = 60_000;

/**
 * A token that is read from its file again every minute, and when it was refused: it is rotated where it lies. While the file cannot be
 * read the last one holds.
 */
export function tokenFile(file: string, { clock }: { readonly clock: Pick<Clock, 'nowMs'> }): CredentialSource {
  let kept: Credentials | undefined;
  let readMs = -Infinity;
  return {
    current() {
      const nowMs = clock.nowMs();
      if (kept !== undefined && nowMs - readMs < lifetimeMs) return kept;
      try {
        const token = readFileSync(file, 'utf8').trim();
        if (token !== '' && token !== kept?.token) kept = { token };
        readMs = nowMs;
      } catch (cause) {
        if (kept === undefined) throw new Error(`failed to read token file ${JSON.stringify(file)}`, { cause });
      }
      if (kept === undefined) throw new Error(`read empty token from file ${JSON.stringify(file)}`);
      return kept;
    },
    refused(credentials) {
      if (credentials === kept) readMs = -Infinity;
    },
  };
}
