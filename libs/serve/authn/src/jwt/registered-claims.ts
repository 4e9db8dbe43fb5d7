import { goKindOf, goQuote } from '@reckon/api/machinery';
import { TokenError } from '../token-authenticator';
import type { Claims } from './id-token';

/** What OpenID Connect says of a token itself; the rest of its claims is for mappings to read. */
export interface RegisteredClaims {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** In seconds since 1970; undefined where the token does not say. */
  readonly expires: number | undefined;
  readonly notBefore: number | undefined;
}

/** coreos/go-oidc `idToken`: what it reads must have its type, and where a claim is said to be elsewhere it must be said where. Throws `TokenError`. */
export function registeredClaims(claims: Claims): RegisteredClaims {
  const read = {
    issuer: textIn(claims, 'iss'),
    audiences: audiencesIn(claims),
    expires: timeIn(claims, 'exp'),
    notBefore: timeIn(claims, 'nbf'),
  };
  for (const name of ['sub', 'nonce', 'at_hash']) textIn(claims, name);
  timeIn(claims, 'iat');
  demandSources(claims);
  return read;
}

const valueIn = (claims: Claims, name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);

const unfit = (why: string): TokenError => new TokenError(`oidc: failed to unmarshal claims: ${why}`);
const unfitField = (value: unknown, field: string, type: string): TokenError =>
  unfit(`json: cannot unmarshal ${goKindOf(value)} into Go struct field idToken.${field} of type ${type}`);

function textIn(claims: Claims, name: string): string {
  const value = valueIn(claims, name) ?? '';
  if (typeof value !== 'string') throw unfitField(value, name, 'string');
  return value;
}

function audiencesIn(claims: Claims): readonly string[] {
  const value = valueIn(claims, 'aud');
  if (value === undefined) return [];
  if (value === null) return [''];
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw unfitField(value, 'aud', '[]string');
  return value.map((one: unknown) => {
    if (one !== null && typeof one !== 'string') throw unfitField(one, 'aud', 'string');
    return one ?? '';
  });
}

const numeral = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** A number, or a text that is one; a part of a second does not count. */
function timeIn(claims: Claims, name: string): number | undefined {
  const value = valueIn(claims, name);
  if (value === undefined || (value === null && name === 'nbf')) return undefined;
  if (value === null) throw unfit('strconv.ParseFloat: parsing "": invalid syntax');
  if (typeof value !== 'number' && typeof value !== 'string') throw unfitField(value, name, 'json.Number');
  if (typeof value === 'string' && !numeral.test(value))
    throw unfit(`json: invalid number literal, trying to unmarshal ${goQuote(JSON.stringify(value))} into Number`);
  const seconds = Number(value);
  return Math.trunc(seconds);
}

function demandSources(claims: Claims): void {
  const names = tableIn(claims, '_claim_names', 'map[string]string');
  const sources = tableIn(claims, '_claim_sources', 'map[string]oidc.claimSource');
  for (const source of Object.values(names)) {
    if (typeof source !== 'string') throw unfitField(source, '_claim_names', 'string');
    if (source === '') throw new TokenError('oidc: failed to obtain source from claim name');
    if (!Object.hasOwn(sources, source)) throw new TokenError('oidc: source does not exist');
  }
}

function tableIn(claims: Claims, name: string, type: string): object {
  const value = valueIn(claims, name) ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unfitField(value, name, type);
  return value;
}
