import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { Clock, Logger, Random } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { type LegacyTokenDay, lastUsedLabel } from '@reckon/serve/authn';
import { coreStore } from './registry';
import { systemContext, systemWrite } from './system-context';

export interface MarkParts {
  readonly kinds: KindRegistry;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Writes the day of a token's use on its Secret, as the server itself. Nobody waits for it, and a failure is only told: the token is as
 * good without.
 */
export const markTokenUsed =
  ({ kinds, storeOf, clock, random, logger }: MarkParts) =>
  ({ namespace, secret, uid, day }: LegacyTokenDay): void => {
    const context = systemContext({ clock, random, agent: 'kube-apiserver' });
    const written = coreStore(kinds, storeOf, 'secrets').update(
      context,
      namespace,
      secret,
      '',
      {
        operation: 'Update',
        mayCreate: false,
        uid,
        next(current) {
          if (current === undefined) throw new Error('a Secret that must be there is updated');
          current.metadata.labels = { ...current.metadata.labels, [lastUsedLabel]: day };
          return current;
        },
      },
      systemWrite('v1'),
    );
    written.catch((error: unknown) => {
      logger.warn('the use of a token was not written on its Secret', { namespace, secret, error });
    });
  };
