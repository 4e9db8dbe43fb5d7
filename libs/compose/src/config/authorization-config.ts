import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { aggregateMessage, goQuote, issueText } from '@reckon/api/machinery';
import { type GoStruct, goShapeProblem } from '@reckon/serve/authn';
import type { AuthorizationConfiguration, AuthorizerConfiguration } from '@reckon/serve/authz';
import { serverRuleProblems, validateAuthorizationConfiguration } from '@reckon/serve/authz/webhooks';
import * as z from 'zod';
import { durationMs } from '../flags/flag';
import { parse } from '../yaml-text';

const group = 'apiserver.config.k8s.io';
const kind = 'AuthorizationConfiguration';
const versions = ['v1', 'v1beta1', 'v1alpha1'];

const text = z.string().nullish();
const time = z
  .string()
  .nullish()
  .transform((written, { issues }) => {
    if (written === undefined) return 0;
    const given = written ?? '';
    const refuse = (why: string): never => {
      issues.push({ code: 'custom', message: `time: ${why} duration ${goQuote(given)}`, input: written });
      return z.NEVER;
    };
    // As Go's time.ParseDuration tells these apart.
    if (/^[-+]?(\d+\.?\d*|\.\d+)$/.test(given) && !/^[-+]?0$/.test(given)) return refuse('missing unit in');
    try {
      return given.startsWith('-') ? -durationMs(given.slice(1)) : durationMs(given);
    } catch {
      // What durationMs throws says what it wants; upstream's words are these.
      return refuse('invalid');
    }
  });
const flag = z.boolean().nullish();

/** k8s.io/apiserver/pkg/apis/apiserver/v1 `AuthorizationConfiguration`: unknown fields are refused. */
const schema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  authorizers: z
    .array(
      z.strictObject({
        type: text,
        name: text,
        webhook: z
          .strictObject({
            timeout: time,
            authorizedTTL: time,
            cacheAuthorizedRequests: flag,
            unauthorizedTTL: time,
            cacheUnauthorizedRequests: flag,
            subjectAccessReviewVersion: text,
            matchConditionSubjectAccessReviewVersion: text,
            failurePolicy: text,
            connectionInfo: z.strictObject({ type: text, kubeConfigFile: text }).nullish(),
            matchConditions: z.array(z.strictObject({ expression: text })).nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});

/** The same as Go knows it: what has a wrong type is said in its words. */
const shape: GoStruct = {
  name: kind,
  fields: {
    authorizers: {
      listOf: {
        name: 'AuthorizerConfiguration',
        fields: {
          type: 'string',
          name: 'string',
          webhook: {
            name: 'WebhookConfiguration',
            fields: {
              timeout: 'string',
              authorizedTTL: 'string',
              cacheAuthorizedRequests: 'bool',
              unauthorizedTTL: 'string',
              cacheUnauthorizedRequests: 'bool',
              subjectAccessReviewVersion: 'string',
              matchConditionSubjectAccessReviewVersion: 'string',
              failurePolicy: 'string',
              connectionInfo: { name: 'WebhookConnectionInfo', fields: { type: 'string', kubeConfigFile: 'string' } },
              matchConditions: { listOf: { name: 'WebhookMatchCondition', fields: { expression: 'string' } } },
            },
          },
        },
      },
    },
  },
};

type Read = z.infer<typeof schema>;
type ReadWebhook = NonNullable<NonNullable<NonNullable<Read['authorizers']>[number]['webhook']>>;

/** What an AuthorizationConfiguration says that is wrong, or is not for a server. */
export class AuthorizationConfigError extends Error {
  readonly code = 'AuthorizationConfig';

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AuthorizationConfigError';
  }
}

/** Reads and validates a file's text; `required` are types that it must name, as a reloaded one must. Throws `AuthorizationConfigError`. */
export function readAuthorizationConfig(content: string, required: Iterable<string> = []): AuthorizationConfiguration {
  const configuration = decoded(content);
  const errors = validateAuthorizationConfiguration(configuration, { fileProblem });
  if (errors.length > 0) throw new AuthorizationConfigError(aggregateMessage(errors.map(String)));
  const problems = serverRuleProblems(configuration, required);
  const inCluster = configuration.authorizers.find((one) => one.webhook?.connectionInfo.type === 'InClusterConfig');
  if (inCluster !== undefined)
    problems.push(`webhook ${inCluster.name}: connectionInfo.type InClusterConfig is not for an apiserver`);
  if (problems.length > 0) throw new AuthorizationConfigError(aggregateMessage(problems));
  return configuration;
}

function decoded(content: string): AuthorizationConfiguration {
  let document: unknown;
  try {
    document = parse(content);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new AuthorizationConfigError(`failed to load ${kind} from file: ${why}`, { cause });
  }
  const failed = (why: string): AuthorizationConfigError =>
    new AuthorizationConfigError(`failed to load ${kind} from file: ${why}`);
  const object = document ?? {};
  if (typeof object !== 'object' || Array.isArray(object)) throw failed(`it holds no ${kind}`);
  const { apiVersion, kind: given } = object as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (typeof given !== 'string' || given === '') throw failed(`Object 'Kind' is missing in '${content}'`);
  if (typeof apiVersion !== 'string' || apiVersion === '')
    throw failed(`Object 'apiVersion' is missing in '${content}'`);
  const version = versions.find((one) => apiVersion === `${group}/${one}`);
  if (given !== kind || version === undefined)
    throw failed(
      `no kind ${goQuote(given)} is registered for version ${goQuote(apiVersion)}: it must be an ${kind} of ${versions.map((one) => `${group}/${one}`).join(' or ')}`,
    );
  const problem = goShapeProblem(object, shape, version);
  if (problem !== undefined) throw failed(problem);
  const parsed = schema.safeParse(object);
  if (!parsed.success) throw failed(issuesText(parsed.error.issues));
  const { authorizers } = parsed.data;
  return {
    authorizers: (authorizers ?? []).map(({ type, name, webhook }): AuthorizerConfiguration => ({
      type: type ?? '',
      name: name ?? '',
      ...(webhook === undefined || webhook === null ? {} : { webhook: webhookOf(webhook) }),
    })),
  };
}

/** `SetDefaults_WebhookConfiguration` */
const webhookOf = (webhook: ReadWebhook): NonNullable<AuthorizerConfiguration['webhook']> => ({
  timeoutMs: webhook.timeout,
  authorizedTtlMs: webhook.authorizedTTL === 0 ? 300_000 : webhook.authorizedTTL,
  cacheAuthorizedRequests: webhook.cacheAuthorizedRequests ?? true,
  unauthorizedTtlMs: webhook.unauthorizedTTL === 0 ? 30_000 : webhook.unauthorizedTTL,
  cacheUnauthorizedRequests: webhook.cacheUnauthorizedRequests ?? true,
  subjectAccessReviewVersion: webhook.subjectAccessReviewVersion ?? '',
  matchConditionSubjectAccessReviewVersion: webhook.matchConditionSubjectAccessReviewVersion ?? '',
  failurePolicy: webhook.failurePolicy ?? '',
  connectionInfo: {
    type: webhook.connectionInfo?.type ?? '',
    kubeConfigFile: webhook.connectionInfo?.kubeConfigFile ?? undefined,
  },
  matchConditions: (webhook.matchConditions ?? []).map(({ expression }) => expression ?? ''),
});

/** What a value means comes before fields that nobody knows, as upstream. */
function issuesText(issues: readonly z.core.$ZodIssue[]): string {
  const value = issues.find((issue) => issue.code !== 'unrecognized_keys');
  if (value !== undefined) return value.message;
  return `strict decoding error: ${issues.map(issueText).join(', ')}`;
}

function fileProblem(file: string): string | undefined {
  if (!isAbsolute(file)) return 'must be an absolute path';
  try {
    return statSync(file).isFile() ? undefined : 'must be a regular file';
  } catch (error) {
    // Of stat: what is wrong with the file.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why =
      code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : String(error);
    return `error loading file: stat ${file}: ${why}`;
  }
}
