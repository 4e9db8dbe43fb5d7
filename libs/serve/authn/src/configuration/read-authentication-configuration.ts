// Loaded on first use, with zod, YAML and CEL.
import { readConfiguration } from '@reckon/api/kinds';
import {
  aggregateMessage,
  type FieldError,
  fieldErrors,
  fieldPath,
  goQuote,
  issueText,
  StatusError,
} from '@reckon/api/machinery';
import type { AnonymousRule } from '../anonymous-rule';
import { goShapeProblem } from '../go-shape';
import { type CompiledJwtAuthenticator, compileJwtAuthenticator } from '../jwt/compile-jwt-authenticator';
import {
  type AuthenticationConfiguration,
  authenticationConfigurationForm,
  authenticationConfigurationShape,
} from './authentication-configuration';

/** A file that cannot be used; the message is for the person who wrote it. */
export class AuthenticationConfigurationError extends Error {
  readonly code = 'InvalidAuthenticationConfiguration';

  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'AuthenticationConfigurationError';
  }
}

export interface CompiledAuthenticationConfiguration {
  readonly jwt: readonly CompiledJwtAuthenticator[];
  /** undefined: the file says nothing of it. */
  readonly anonymous: AnonymousRule | undefined;
}

const group = 'apiserver.config.k8s.io';
const versions: ReadonlySet<string> = new Set([`${group}/v1`, `${group}/v1beta1`, `${group}/v1alpha1`]);
const mostAuthenticators = 64;

/** Reads, checks and compiles it; strictly: what nobody knows is refused. Throws `AuthenticationConfigurationError`. */
export async function readAuthenticationConfiguration(
  text: string,
  disallowedIssuers: readonly string[],
): Promise<CompiledAuthenticationConfiguration> {
  const configuration = await decode(text);
  const errors: FieldError[] = [];
  const compiled = compile(configuration, disallowedIssuers, errors);
  if (errors.length > 0) throw new AuthenticationConfigurationError(aggregateMessage(errors.map(String)));
  // There is one way out of this server: who asks for another must not go by it.
  const egress = configuration.jwt.find(({ issuer }) => issuer.egressSelectorType !== '')?.issuer.egressSelectorType;
  if (egress !== undefined)
    throw new AuthenticationConfigurationError(
      `oidc: egress lookup required with egress selector type ${goQuote(egress)}`,
    );
  return compiled;
}

/** k8s.io/apiserver/pkg/apis/apiserver/validation `ValidateAuthenticationConfiguration` */
function compile(
  { jwt, anonymous }: AuthenticationConfiguration,
  disallowedIssuers: readonly string[],
  errors: FieldError[],
): CompiledAuthenticationConfiguration {
  const root = fieldPath('jwt');
  if (jwt.length > mostAuthenticators) {
    errors.push(fieldErrors.tooMany(root, jwt.length, mostAuthenticators));
    return { jwt: [], anonymous: undefined };
  }
  const seen = { urls: new Set<string>(), discoveryUrls: new Set<string>() };
  const compiled = jwt.map((config, i) => {
    const path = root.index(i);
    const one = compileJwtAuthenticator(config, path, disallowedIssuers, errors);
    const { url, discoveryURL } = config.issuer;
    if (seen.urls.has(url)) errors.push(fieldErrors.duplicate(path.child('issuer', 'url'), url));
    seen.urls.add(url);
    if (discoveryURL !== '' && seen.discoveryUrls.has(discoveryURL))
      errors.push(fieldErrors.duplicate(path.child('issuer', 'discoveryURL'), discoveryURL));
    seen.discoveryUrls.add(discoveryURL);
    return one;
  });
  if (anonymous === undefined) return { jwt: compiled, anonymous: undefined };
  const { enabled, conditions } = anonymous;
  if (!enabled && conditions.length > 0)
    errors.push(
      fieldErrors.invalid(
        fieldPath('anonymous', 'conditions'),
        conditions.map(({ path }) => ({ Path: path })),
        'enabled should be set to true when conditions are defined',
      ),
    );
  const paths = conditions.map(({ path }) => path);
  return { jwt: compiled, anonymous: enabled && paths.length > 0 ? { paths } : enabled };
}

async function decode(text: string): Promise<AuthenticationConfiguration> {
  if (text === '') throw new AuthenticationConfigurationError('empty config data');
  const { value, duplicates } = await readConfiguration(Buffer.from(text)).catch((cause: unknown) => {
    if (!(cause instanceof StatusError)) throw cause;
    throw new AuthenticationConfigurationError(cause.message, { cause });
  });
  const { apiVersion = '', kind = '', ...fields } = value;
  if (kind === '') throw new AuthenticationConfigurationError(`Object 'Kind' is missing in '${text}'`);
  if (apiVersion === '') throw new AuthenticationConfigurationError(`Object 'apiVersion' is missing in '${text}'`);
  if (kind !== 'AuthenticationConfiguration' || typeof apiVersion !== 'string' || !versions.has(apiVersion))
    throw new AuthenticationConfigurationError(
      `no kind ${goQuote(String(kind))} is registered for version ${goQuote(String(apiVersion))}`,
    );
  const problem = goShapeProblem(fields, authenticationConfigurationShape, apiVersion.slice(group.length + 1));
  if (problem !== undefined) throw new AuthenticationConfigurationError(problem);
  if (duplicates !== undefined) throw new AuthenticationConfigurationError(`strict decoding error: ${duplicates}`);
  const parsed = authenticationConfigurationForm.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw new AuthenticationConfigurationError(`strict decoding error: ${parsed.error.issues.map(issueText).join(', ')}`);
}
