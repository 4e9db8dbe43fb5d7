import type { Logger } from '@reckon/kernel';
import type { UserInfo } from '@reckon/registry/generic';
import * as z from 'zod';
import { intersection } from '../audiences';
import type { AuthnResult } from '../authenticator';
import { withAuthenticatedGroup } from '../groups';
import { type TokenAuthenticator, TokenError } from '../token-authenticator';
import { askWebhook, type WebhookPatience } from './ask-webhook';
import { type WebhookClient, WebhookError } from './webhook-client';

export interface WebhookTokenOptions {
  readonly client: WebhookClient;
  /** `--authentication-token-webhook-version`. */
  readonly version: 'v1' | 'v1beta1';
  readonly apiAudiences: readonly string[];
  readonly patience: WebhookPatience;
  readonly logger: Logger;
}

const texts = z.array(z.string()).nullish();

/** `authentication.k8s.io TokenReview`, as far as its answer is read. */
const answerForm = z.object({
  status: z
    .object({
      authenticated: z.boolean().nullish(),
      error: z.string().nullish(),
      audiences: texts,
      user: z
        .object({
          username: z.string().nullish(),
          uid: z.string().nullish(),
          groups: texts,
          extra: z.record(z.string(), texts).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

type Status = NonNullable<z.infer<typeof answerForm>['status']>;

/** Another server knows the token (k8s.io/apiserver/plugin/pkg/authenticator/token/webhook). Answers are for `cachedTokens` to keep. */
export function webhookTokens(options: WebhookTokenOptions): TokenAuthenticator {
  const { client, version, apiAudiences, patience, logger } = options;
  return {
    async authenticateToken({ text }, wanted) {
      const audiences = wanted ?? apiAudiences;
      const review = {
        kind: 'TokenReview',
        apiVersion: `authentication.k8s.io/${version}`,
        metadata: { creationTimestamp: null },
        spec: { token: text, ...(audiences.length === 0 ? {} : { audiences }) },
        status: { user: {} },
      };
      const status = await ask(JSON.stringify(review));
      return resultOf(status, audiences, apiAudiences);
    },
  };

  async function ask(review: string): Promise<Status> {
    try {
      const parsed = answerForm.safeParse(JSON.parse(await askWebhook(client, review, patience)));
      if (parsed.success) return parsed.data.status ?? {};
      throw new TokenError('the webhook answered with something that is no TokenReview');
    } catch (cause) {
      if (cause instanceof TokenError) throw cause;
      // What went wrong is for the log: the answer is a 401 like any other.
      if (!(cause instanceof WebhookError || cause instanceof SyntaxError)) throw cause;
      logger.error('token webhook not asked', { error: cause });
      throw new TokenError(cause.message, { cause });
    }
  }
}

function resultOf(
  { authenticated, error, audiences: told, user }: Status,
  wanted: readonly string[],
  apiAudiences: readonly string[],
): AuthnResult | undefined {
  // A server that knows nothing of audiences speaks for the apiserver.
  const audiences = intersection(wanted, told == null || told.length === 0 ? apiAudiences : told);
  if (wanted.length > 0 && audiences.length === 0) return undefined;
  if (authenticated !== true) {
    if (error != null && error !== '') throw new TokenError(error);
    return undefined;
  }
  const extra = Object.entries(user?.extra ?? {}).map(([key, values]) => [key, values ?? []] as const);
  const known: UserInfo = {
    name: user?.username ?? '',
    ...(user?.uid == null || user.uid === '' ? {} : { uid: user.uid }),
    groups: user?.groups ?? [],
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
  return { user: withAuthenticatedGroup(known), audiences };
}
