import { type KubeObject, dayText, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type Result, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { type ServiceAccount, type TokenSecret, accountNameOf } from '../service-account-token/token-secret';
import { startWhenSynced } from '../start-when-synced';
import { podSecrets } from './pod-secrets';
import { fateOf, invalidSinceLabel, isTrackedFor } from './unused-token';

const key = 'tokens';
const everyMs = 24 * 60 * 60 * 1000;

/** Upstream's `--legacy-service-account-token-clean-up-period`: a year. */
const cleanUpPeriodMs = 8_760 * 60 * 60 * 1000;

/** Tells since when the apiserver writes down the uses of tokens (pkg/controlplane/controller/legacytokentracking). */
const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };

type ConfigMap = corev1.ConfigMap & KubeObject;

/**
 * Retires tokens in Secrets that a controller made and nobody uses, and deletes them when nobody has missed them for as long again
 * (pkg/controller/serviceaccount.LegacySATokenCleaner). Looks once a day.
 */
export const legacyServiceAccountTokenCleaner: ControllerRow = {
  name: 'legacy-serviceaccount-token-cleaner-controller',
  serviceAccount: 'legacy-service-account-token-cleaner',
  start(context) {
    const accounts = context.informers.informer<ServiceAccount>(refs.serviceAccounts);
    const secrets = context.informers.informer<TokenSecret>(refs.secrets);
    const pods = context.informers.informer<Pod>(refs.pods);
    const parts: Parts = { context, accounts: accounts.lister, secrets: secrets.lister, pods: pods.lister };
    const controller = new Controller('legacy_serviceaccount_token_cleaner', () => sweep(parts), context, {
      workers: 1,
    });
    controller.enqueue(key);
    return startWhenSynced([controller], [accounts, secrets, pods]);
  },
};

interface Parts {
  readonly context: ControllerContext;
  readonly accounts: Lister<ServiceAccount>;
  readonly secrets: Lister<TokenSecret>;
  readonly pods: Lister<Pod>;
}

async function sweep(parts: Parts): Promise<Result> {
  const { context, accounts, secrets, pods } = parts;
  const nowMs = context.clock.nowMs();
  const periodMs = context.options.legacyTokenCleanUpPeriodMs ?? cleanUpPeriodMs;
  const since = await trackedSince(context);
  if (since === undefined || isTrackedFor(since, periodMs, nowMs) !== true) return requeueAfter(everyMs);
  const mentioned = new Map<string, ReadonlySet<string>>();
  const mentionedIn = (namespace: string): ReadonlySet<string> => {
    const known = mentioned.get(namespace) ?? new Set(pods.list(namespace).flatMap((pod) => [...podSecrets(pod)]));
    mentioned.set(namespace, known);
    return known;
  };
  const client = context.rest.resource<TokenSecret>(refs.secrets);
  for (const secret of secrets.list()) {
    const { namespace = '', name = '' } = secret.metadata;
    const fate = fateOf(secret, {
      account: accounts.get(namespace, accountNameOf(secret)),
      isMounted: () => mentionedIn(namespace).has(name),
      periodMs,
      nowMs,
    });
    if (fate === 'keep') continue;
    // One that resists must not save the others; the next sweep comes anyway.
    await (fate === 'mark' ? mark(client, secret, dayText(nowMs)) : remove(client, secret)).catch((error: unknown) => {
      context.logger.warn('unused token not cleaned', { namespace, secret: name, error: String(error) });
    });
  }
  return requeueAfter(everyMs);
}

/** Undefined where the apiserver does not say: then nothing is known of uses, and nothing is cleaned. */
async function trackedSince({ rest, logger }: ControllerContext): Promise<string | undefined> {
  try {
    const map = await rest.resource<ConfigMap>(refs.configMaps).get(tracking.namespace, tracking.name);
    return map.data?.['since'];
  } catch (error) {
    logger.warn('since when uses of tokens are tracked is not known', { error: String(error) });
    return undefined;
  }
}

async function mark(client: ResourceClient<TokenSecret>, { metadata }: TokenSecret, day: string): Promise<void> {
  const { namespace = '', name = '', uid } = metadata;
  await client.patch(namespace, name, {
    type: 'merge',
    // With the uid it is not another of its name.
    body: { metadata: { ...(uid === undefined ? {} : { uid }), labels: { [invalidSinceLabel]: day } } },
  });
}

async function remove(client: ResourceClient<TokenSecret>, { metadata }: TokenSecret): Promise<void> {
  const { namespace = '', name = '', resourceVersion } = metadata;
  try {
    await client.delete(
      namespace,
      name,
      // Whoever has used it or taken its mark away meanwhile keeps it.
      resourceVersion === undefined ? {} : { preconditions: { resourceVersion } },
    );
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== 'NotFound' && reason !== 'Conflict') throw error;
  }
}
