import {
  type Clock,
  type Logger,
  type MetricsRegistry,
  type Monotonic,
  type Random,
  type Running,
  RunningSet,
  type Timers,
  type WallClock,
} from '@reckon/kernel';
import { type TokenAuthenticator, cachedTokens, webhookClient } from '@reckon/serve/authn';
import type { DynamicJwtTokens } from '@reckon/serve/authn/foreign';
import { startConfigurationReload } from './configuration-reload';
import type { FurtherAuthentication, JwtSource, WebhookSource } from './read-authentication';

export interface ForeignTokensParts {
  readonly apiAudiences: readonly string[];
  /** Of service accounts: no configuration may claim them. */
  readonly ownIssuers: readonly string[];
  readonly clock: Clock & WallClock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Tokens that others vouch for, in upstream's order: issuers of ID tokens, then a webhook. */
export interface ForeignTokens extends Running {
  readonly members: readonly TokenAuthenticator[];
}

/** Starts what asks others. Its code is loaded only where something is configured. */
export async function startForeignTokens(
  { jwt, webhook }: Pick<FurtherAuthentication, 'jwt' | 'webhook'>,
  parts: ForeignTokensParts,
): Promise<ForeignTokens> {
  const running = new RunningSet();
  const members = [
    ...(jwt === undefined ? [] : [await startJwt(jwt, parts, running)]),
    ...(webhook === undefined ? [] : [await startWebhook(webhook, parts, running)]),
  ];
  return { members, stop: () => running.stop() };
}

async function startJwt(source: JwtSource, parts: ForeignTokensParts, running: RunningSet): Promise<DynamicJwtTokens> {
  const { dynamicJwtTokens, jwtMetrics, readAuthenticationConfiguration } = await import('@reckon/serve/authn/foreign');
  const tokens = dynamicJwtTokens(source.compiled, {
    ...parts,
    algorithms: source.algorithms,
    metrics: jwtMetrics(parts.metrics, parts.clock),
  });
  if (source.followed !== undefined)
    running.add(
      startConfigurationReload({
        of: 'authentication',
        ...parts,
        ...source.followed,
        async use(text): Promise<'used'> {
          const { jwt } = await readAuthenticationConfiguration(text, parts.ownIssuers);
          await tokens.replace(jwt);
          return 'used';
        },
        isFailurePassing: true,
      }),
    );
  // Stops before what follows the file: a change that waits for a provider waits no longer then.
  return running.add(tokens);
}

async function startWebhook(
  { endpoint, version, keptMs }: WebhookSource,
  parts: ForeignTokensParts,
  running: RunningSet,
): Promise<TokenAuthenticator> {
  const { tokenCacheMetrics, webhookTokens } = await import('@reckon/serve/authn/foreign');
  const client = webhookClient(endpoint);
  running.add({
    async stop() {
      client.close();
    },
  });
  const asked = webhookTokens({ ...parts, client, version, patience: parts });
  return cachedTokens(asked, {
    acceptedMs: keptMs,
    refusedMs: keptMs,
    clock: parts.clock,
    metrics: tokenCacheMetrics(parts.metrics),
  });
}
