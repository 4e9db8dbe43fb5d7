import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { aggregateMessage, goQuote } from '@reckon/api/machinery';
import type { AuthorizationConfiguration, AuthorizerConfiguration } from '@reckon/serve/authz';
import { serverRuleProblems, validateAuthorizationConfiguration } from '@reckon/serve/authz/webhooks';
import * as z from 'zod';
import { durationMs } from '../flags/flag';
import { parse } from '../yaml-text';

const group = 'apiserver.config.k8s.io';
const kind = 'AuthorizationConfiguration';
const versions = ['v1', 'v1beta1'];

const text = z.string().nullish();
const time = z
  .string()
  .nullish()
  .transform((written, { issues }) => {
    if (written === undefined || written === null || written === '') return 0;
    try {
      return written.startsWith('-') ? -durationMs(written.slice(1)) : durationMs(written);
    } catch {
      // What durationMs throws says what it wants; upstream's words are these.
      issues.push({ code: 'custom', message: `time: invalid duration ${goQuote(written)}`, input: written });
      return z.NEVER;
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
  const parsed = schema.safeParse(document ?? {});
  if (!parsed.success)
    throw new AuthorizationConfigError(
      `failed to load ${kind} from file: ${aggregateMessage(parsed.error.issues.flatMap(issueTexts))}`,
    );
  const { apiVersion, kind: given, authorizers } = parsed.data;
  if (given !== kind || !versions.some((version) => apiVersion === `${group}/${version}`))
    throw new AuthorizationConfigError(
      `failed to load ${kind} from file: no kind ${goQuote(given)} is registered for version ${goQuote(apiVersion)}: it must be a ${kind} of ${group}/v1 or ${group}/v1beta1`,
    );
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

function issueTexts(issue: z.core.$ZodIssue): string[] {
  const at = pathText(issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `strict decoding error: unknown field ${goQuote(at === '' ? key : `${at}.${key}`)}`);
  return [at === '' ? issue.message : `${at}: ${issue.message}`];
}

/** `authorizers[0].webhook` */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((step, i) => (typeof step === 'number' ? `[${String(step)}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('');

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
