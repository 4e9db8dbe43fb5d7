import type { Logger } from '@reckon/kernel';
import type { UserInfo } from '@reckon/registry/generic';
import { intersection } from '../audiences';
import type { AuthnResult } from '../authenticator';
import type { GoStruct } from '../go-shape';
import { withAuthenticatedGroup } from '../groups';
import { type TokenAuthenticator, TokenError } from '../token-authenticator';
import { askWebhook, type WebhookPatience } from './ask-webhook';
import { ReviewAnswerError, reviewStatus } from './read-review';
import { type WebhookClient, WebhookError } from './webhook-client';

export interface WebhookTokenOptions {
  readonly client: WebhookClient;
  /** `--authentication-token-webhook-version`. */
  readonly version: 'v1' | 'v1beta1';
  readonly apiAudiences: readonly string[];
  readonly patience: WebhookPatience;
  readonly logger: Logger;
}

const userShape: GoStruct = {
  name: 'UserInfo',
  fields: { username: 'string', uid: 'string', groups: 'strings', extra: { mapOf: 'ExtraValue' } },
};
const statusShape: GoStruct = {
  name: 'TokenReviewStatus',
  fields: { authenticated: 'bool', user: userShape, audiences: 'strings', error: 'string' },
};

/** `authentication.k8s.io TokenReviewStatus`, its types checked. */
interface Status {
  readonly authenticated?: boolean | null;
  readonly error?: string | null;
  readonly audiences?: readonly string[] | null;
  readonly user?: {
    readonly username?: string | null;
    readonly uid?: string | null;
    readonly groups?: readonly (string | null)[] | null;
    readonly extra?: Readonly<Record<string, readonly (string | null)[] | null>> | null;
  } | null;
}

/** Another server knows the token (k8s.io/apiserver/plugin/pkg/authenticator/token/webhook). Answers are for `cachedTokens` to keep. */
export function webhookTokens(options: WebhookTokenOptions): TokenAuthenticator {
  const { client, version, apiAudiences, patience, logger } = options;
  return {
    async authenticateToken({ text }, wanted) {
      const audiences = wanted ?? apiAudiences;
      const review = {
        kind: 'TokenReview',
        apiVersion: `authentication.k8s.io/${version}`,
        metadata: {},
        spec: { token: text, ...(audiences.length === 0 ? {} : { audiences }) },
        status: { user: {} },
      };
      const status = await ask(JSON.stringify(review));
      return resultOf(status, audiences, apiAudiences);
    },
  };

  async function ask(review: string): Promise<Status> {
    try {
      const answer = await askWebhook(client, review, patience);
      return reviewStatus(answer, {
        group: 'authentication.k8s.io',
        version,
        kind: 'TokenReview',
        status: statusShape,
      });
    } catch (cause) {
      // What went wrong is for the log: the answer is a 401 like any other.
      if (!(cause instanceof WebhookError || cause instanceof ReviewAnswerError)) throw cause;
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
  const audiences = intersection(told == null || told.length === 0 ? apiAudiences : told, wanted);
  if (wanted.length > 0 && audiences.length === 0) return undefined;
  if (authenticated !== true) {
    if (error != null && error !== '') throw new TokenError(error);
    return undefined;
  }
  const extra = Object.entries(user?.extra ?? {}).map(([key, values]) => [key, textsOf(values)] as const);
  const known: UserInfo = {
    name: user?.username ?? '',
    ...(user?.uid == null || user.uid === '' ? {} : { uid: user.uid }),
    groups: textsOf(user?.groups),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
  return { user: withAuthenticatedGroup(known), audiences };
}

/** null is '' to Go. */
const textsOf = (texts: readonly (string | null)[] | null | undefined): string[] =>
  (texts ?? []).map((text) => text ?? '');
