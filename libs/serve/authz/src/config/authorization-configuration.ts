import type { ReviewVersion } from '../webhook/review-result';

/** `apiserver.config.k8s.io` AuthorizationConfiguration, defaults filled in, not validated. Durations in ms. */
export interface AuthorizationConfiguration {
  readonly authorizers: readonly AuthorizerConfiguration[];
}

export interface AuthorizerConfiguration {
  readonly type: string;
  readonly name: string;
  readonly webhook?: WebhookConfiguration | undefined;
}

export interface WebhookConfiguration {
  /** 0: not said. */
  readonly timeoutMs: number;
  readonly authorizedTtlMs: number;
  readonly cacheAuthorizedRequests: boolean;
  readonly unauthorizedTtlMs: number;
  readonly cacheUnauthorizedRequests: boolean;
  readonly subjectAccessReviewVersion: string;
  readonly matchConditionSubjectAccessReviewVersion: string;
  readonly failurePolicy: string;
  readonly connectionInfo: { readonly type: string; readonly kubeConfigFile?: string | undefined };
  readonly matchConditions: readonly string[];
}

/** pkg/kubeapiserver/authorizer/modes `AuthorizationModeChoices`, in the order in which messages list them. */
export const authorizerTypes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'] as const;
export type AuthorizerType = (typeof authorizerTypes)[number];

export const isAuthorizerType = (type: string): type is AuthorizerType =>
  (authorizerTypes as readonly string[]).includes(type);

export const isReviewVersion = (version: string): version is ReviewVersion => version === 'v1' || version === 'v1beta1';

/** The configuration that `--authorization-mode` and the flags beside it stand for (pkg/kubeapiserver/options `buildAuthorizationConfiguration`). */
export function modesConfiguration(
  modes: readonly AuthorizerType[],
  webhook?: {
    readonly kubeConfigFile: string;
    readonly version: string;
    readonly authorizedTtlMs: number;
    readonly unauthorizedTtlMs: number;
  },
): AuthorizationConfiguration {
  return {
    authorizers: modes.map((type) => ({
      type,
      name: type === 'Webhook' ? 'default' : type.toLowerCase(),
      ...(type !== 'Webhook' || webhook === undefined
        ? {}
        : {
            webhook: {
              timeoutMs: 30_000,
              authorizedTtlMs: webhook.authorizedTtlMs,
              cacheAuthorizedRequests: true,
              unauthorizedTtlMs: webhook.unauthorizedTtlMs,
              cacheUnauthorizedRequests: true,
              subjectAccessReviewVersion: webhook.version,
              matchConditionSubjectAccessReviewVersion: '',
              failurePolicy: 'NoOpinion',
              connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: webhook.kubeConfigFile },
              matchConditions: [],
            },
          }),
    })),
  };
}
