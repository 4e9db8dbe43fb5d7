import { reasonOf } from '@reckon/api/machinery';
import { objectKey, splitKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { type Secret, bootstrapTokens, remainingMs } from './bootstrap-token';

/** Deletes bootstrap tokens whose time is over (pkg/controller/bootstrap `TokenCleaner`). */
export const tokenCleanerController: ControllerRow = {
  name: 'token-cleaner-controller',
  serviceAccount: 'token-cleaner',
  isOnlyByName: true,
  start(context) {
    const tokens = bootstrapTokens(context);
    const client = context.rest.resource<Secret>(refs.secrets);
    const clean = async (key: string): Promise<Result> => {
      const secret = tokens.lister.byKey(key);
      const left = secret === undefined ? undefined : remainingMs(secret, context.clock.nowMs());
      if (left === undefined) return done;
      if (left > 0) return requeueAfter(left);
      const { namespace, name } = splitKey(key);
      const uid = secret?.metadata.uid;
      await client
        .delete(namespace, name, uid === undefined ? {} : { preconditions: { uid } })
        .catch((error: unknown) => {
          // Gone already, or another of its name.
          const reason = reasonOf(error);
          if (reason !== 'NotFound' && reason !== 'Conflict') throw error;
        });
      return done;
    };
    const controller = new Controller('token_cleaner', clean, context, { workers: 1 });
    const enqueue = (secret: Secret): void => {
      controller.enqueue(objectKey(secret));
    };
    tokens.addHandler({
      add: enqueue,
      update: (_, secret) => {
        enqueue(secret);
      },
    });
    return startWhenSynced([controller], [tokens]);
  },
};
