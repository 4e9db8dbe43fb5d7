import type { CelProgram, CelResult, CelValue } from '@reckon/api/cel';
import type { UserInfo } from '@reckon/registry/generic';
import { TokenError } from '../token-authenticator';
import { booleanClaim, hasClaim, stringClaim, stringsClaim } from './claim-values';
import type { CompiledJwtAuthenticator, Condition } from './compile-jwt-authenticator';
import { withEscapedNames } from './escaped-names';
import type { Claims } from './id-token';

const credentialIdKey = 'authentication.kubernetes.io/credential-id';

/**
 * Whom verified claims speak of, or `TokenError` where they say too little or a rule forbids them
 * (k8s.io/apiserver/plugin/pkg/authenticator/token/oidc `Authenticator.AuthenticateToken`, after its verification; texts are its own).
 */
export function userFromClaims(compiled: CompiledJwtAuthenticator, given: Claims): UserInfo {
  const claims = compiled.hasExpressions ? withEscapedNames(given) : given;
  const name = usernameOf(compiled, claims);
  const groups = groupsOf(compiled, claims);
  const uid = uidOf(compiled, claims);
  const extra = extraOf(compiled, claims);
  demandClaims(compiled, claims);
  demandAll(compiled.claimRules, { claims }, 'oidc: error evaluating claim validation expression');
  const user: UserInfo = {
    name,
    ...(uid === '' ? {} : { uid }),
    groups,
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
  // Rules may ask for every field.
  const shown = { username: name, uid, groups, extra: withEscapedNames(user.extra ?? {}) };
  demandAll(compiled.userRules, { user: shown }, 'oidc: error evaluating user info validation rule');
  return user;
}

function usernameOf({ config, username }: CompiledJwtAuthenticator, claims: Claims): string {
  const failed = 'oidc: error evaluating username claim expression';
  if (username !== undefined) {
    const text = textResult(username, claims, failed, 'username claim expression must return a string');
    if (text === '') throw new TokenError('oidc: empty username via CEL expression is not allowed');
    return text;
  }
  const { claim, prefix = '' } = config.claimMappings.username;
  const name = told(`oidc: parse username claims ${JSON.stringify(claim)}`, () => stringClaim(claims, claim));
  if (claim === 'email' && hasClaim(claims, 'email_verified')) {
    const isVerified = told("oidc: parse 'email_verified' claim", () => booleanClaim(claims, 'email_verified'));
    if (!isVerified) throw new TokenError('oidc: email not verified');
  }
  return prefix + name;
}

function groupsOf({ config, groups }: CompiledJwtAuthenticator, claims: Claims): string[] {
  const { claim, prefix = '' } = config.claimMappings.groups;
  if (claim !== '' && hasClaim(claims, claim))
    return told(`oidc: parse groups claim ${JSON.stringify(claim)}`, () => stringsClaim(claims, claim)).map(
      (group) => prefix + group,
    );
  if (groups === undefined) return [];
  const failed = 'oidc: error evaluating group claim expression';
  return told(failed, () => textsOf(valueOf(groups, { claims })));
}

function uidOf({ config, uid }: CompiledJwtAuthenticator, claims: Claims): string {
  const { claim } = config.claimMappings.uid;
  if (claim !== '') return told(`oidc: parse uid claim ${JSON.stringify(claim)}`, () => stringClaim(claims, claim));
  if (uid === undefined) return '';
  return textResult(
    uid,
    claims,
    'oidc: error evaluating uid claim expression',
    'uid claim expression must return a string',
  );
}

function extraOf({ extra }: CompiledJwtAuthenticator, claims: Claims): (readonly [string, string[]])[] {
  const pairs = extra.map(({ key, program }) => {
    const value = valueOf(program, { claims });
    const failed = `oidc: error evaluating extra claim expression: ${program.expression}`;
    return [key, told(failed, () => textsOf(value))] as const;
  });
  return [...credentialOf(claims), ...pairs.filter(([, values]) => values.length > 0)];
}

/** By which the use of a token can be found again; a `jti` that is no text is none (`getCredentialID`). */
function credentialOf(claims: Claims): (readonly [string, string[]])[] {
  const id = hasClaim(claims, 'jti') ? claims['jti'] : undefined;
  return typeof id === 'string' && id !== '' ? [[credentialIdKey, [`JTI=${id}`]]] : [];
}

function demandClaims({ config }: CompiledJwtAuthenticator, claims: Claims): void {
  for (const { claim, requiredValue } of config.claimValidationRules) {
    if (claim === '') continue;
    if (!hasClaim(claims, claim)) throw new TokenError(`oidc: required claim ${claim} not present in ID token`);
    const value = told(`oidc: parse claim ${claim}`, () => stringClaim(claims, claim));
    if (value !== requiredValue)
      throw new TokenError(
        `oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`,
      );
  }
}

function demandAll(rules: readonly Condition[], variables: Readonly<Record<string, unknown>>, failed: string): void {
  // All are evaluated before the first is judged: one that cannot be evaluated is told before one that says no.
  const results = told(failed, () => rules.map(({ program }) => valueOf(program, variables)));
  for (const [i, { program, message }] of rules.entries()) {
    if (typeof results[i] !== 'boolean') throw new TokenError(`${failed}: validation expression must return a boolean`);
    if (!results[i])
      throw new TokenError(`${failed}: validation expression '${program.expression}' failed: ${message}`);
  }
}

function valueOf(program: CelProgram, variables: Readonly<Record<string, unknown>>): CelValue {
  const result: CelResult = program.evaluate(variables);
  if (result.error !== undefined)
    throw new TokenError(`expression '${program.expression}' resulted in error: ${result.error}`);
  return result.value;
}

function textResult(program: CelProgram, claims: Claims, failed: string, wrongType: string): string {
  const value = told(failed, () => valueOf(program, { claims }));
  if (typeof value !== 'string') throw new TokenError(`${failed}: ${wrongType}`);
  return value;
}

/** Empty texts, empty lists and null are nothing; what JSON would write as a text, bytes or a time, is none (`convertCELValueToStringList`). */
function textsOf(value: CelValue): string[] {
  if (value === null || value === '') return [];
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value.kind !== 'list' || value.size > mostTexts) throw noTexts();
  const texts: string[] = [];
  for (let i = 0; i < value.size; i++) {
    const text = value.at(i);
    if (typeof text !== 'string') throw noTexts();
    if (text !== '') texts.push(text);
  }
  return texts;
}

/** A list that was joined often may say that it is longer than memory. */
const mostTexts = 1_000_000;
const noTexts = (): TokenError => new TokenError('expression must return a string or a list of strings');

function told<T>(where: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw error instanceof TokenError ? new TokenError(`${where}: ${error.message}`) : error;
  }
}
