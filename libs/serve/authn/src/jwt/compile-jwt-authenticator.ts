import {
  type CelEnvironment,
  type CelProgram,
  claimsEnvironment,
  compileCel,
  typeText,
  userEnvironment,
} from '@reckon/api/cel';
import { domainPrefixedPathErrors, type FieldError, fieldErrors, type FieldPath } from '@reckon/api/machinery';
import type {
  ClaimMappings,
  ClaimValidationRule,
  JwtAuthenticatorConfig,
  PrefixedClaim,
  UserValidationRule,
} from './jwt-authenticator-config';
import { selectsClaim } from './selects-claim';
import { validateIssuer } from './validate-issuer';

/** A rule that must hold. */
export interface Condition {
  readonly program: CelProgram;
  readonly message: string;
}

/** A configuration with its expressions ready to run; undefined where a claim is named instead, or nothing. */
export interface CompiledJwtAuthenticator {
  readonly config: JwtAuthenticatorConfig;
  readonly username: CelProgram | undefined;
  readonly groups: CelProgram | undefined;
  readonly uid: CelProgram | undefined;
  readonly extra: readonly { readonly key: string; readonly program: CelProgram }[];
  readonly claimRules: readonly Condition[];
  readonly userRules: readonly Condition[];
  /** Whether any expression reads claims. */
  readonly hasExpressions: boolean;
}

/**
 * Checks one entry and compiles what it says in CEL (k8s.io/apiserver/pkg/apis/apiserver/validation `validateJWTAuthenticator`). With
 * an error in `errors` the result must not be used.
 */
export function compileJwtAuthenticator(
  config: JwtAuthenticatorConfig,
  path: FieldPath,
  disallowedIssuers: readonly string[],
  errors: FieldError[],
): CompiledJwtAuthenticator {
  validateIssuer(config.issuer, path.child('issuer'), disallowedIssuers, errors);
  const check = new Checker(errors);
  const claimRules = check.claimRules(config.claimValidationRules, path.child('claimValidationRules'));
  const mappings = check.mappings(config.claimMappings, path.child('claimMappings'));
  const userRules = check.userRules(config.userValidationRules, path.child('userValidationRules'));
  const { username, groups, uid, extra } = mappings;
  const hasExpressions = [username, groups, uid].some(Boolean) || extra.length > 0 || claimRules.length > 0;
  return { config, claimRules, userRules, ...mappings, hasExpressions };
}

class Checker {
  private readonly claims = claimsEnvironment();
  /** Expressions of a rule or a mapping other than groups and uid ask whether the address was verified. */
  private asksForVerifiedEmail = false;

  constructor(private readonly errors: FieldError[]) {}

  claimRules(rules: readonly ClaimValidationRule[], path: FieldPath): Condition[] {
    const { errors } = this;
    const seen = { claims: new Set<string>(), expressions: new Set<string>() };
    const conditions: Condition[] = [];
    for (const [i, { claim, requiredValue, expression, message }] of rules.entries()) {
      const at = path.index(i);
      if (claim !== '' && expression !== '')
        errors.push(fieldErrors.invalid(at, claim, "claim and expression can't both be set"));
      else if (claim === '' && expression === '')
        errors.push(fieldErrors.required(at, 'claim or expression is required'));
      else if (claim !== '') {
        if (message !== '')
          errors.push(fieldErrors.invalid(at.child('message'), message, 'may not be specified when claim is set'));
        if (seen.claims.has(claim)) errors.push(fieldErrors.duplicate(at.child('claim'), claim));
        seen.claims.add(claim);
      } else {
        if (requiredValue !== '')
          errors.push(
            fieldErrors.invalid(
              at.child('requiredValue'),
              requiredValue,
              'may not be specified when expression is set',
            ),
          );
        if (this.isRepeated(expression, seen.expressions, at.child('expression'))) continue;
        const program = this.condition(expression, this.claims, at.child('expression'));
        if (program === undefined) continue;
        this.noteVerifiedEmail(expression);
        conditions.push({ program, message });
      }
    }
    return conditions;
  }

  mappings(m: ClaimMappings, path: FieldPath): Pick<CompiledJwtAuthenticator, 'username' | 'groups' | 'uid' | 'extra'> {
    const username = this.prefixed(m.username, path.child('username'), true);
    if (username !== undefined) this.noteVerifiedEmail(username.expression);
    const groups = this.prefixed(m.groups, path.child('groups'), false);
    const uid = this.uid(m.uid, path.child('uid'));
    const extra = this.extra(m.extra, path.child('extra'));
    if (username !== undefined && selectsClaim(username.expression, 'email') && !this.asksForVerifiedEmail)
      this.errors.push(
        fieldErrors.invalid(
          path.child('username', 'expression'),
          username.expression,
          'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
        ),
      );
    return { username, groups, uid, extra };
  }

  userRules(rules: readonly UserValidationRule[], path: FieldPath): Condition[] {
    const environment = userEnvironment();
    const seen = new Set<string>();
    const conditions: Condition[] = [];
    for (const [i, { expression, message }] of rules.entries()) {
      const at = path.index(i).child('expression');
      if (expression === '') this.errors.push(fieldErrors.required(at));
      else if (!this.isRepeated(expression, seen, at)) {
        const program = this.condition(expression, environment, at);
        if (program !== undefined) conditions.push({ program, message });
      }
    }
    return conditions;
  }

  private prefixed(mapping: PrefixedClaim, path: FieldPath, isRequired: boolean): CelProgram | undefined {
    const { claim, prefix, expression } = mapping;
    if (claim !== '' && expression !== '')
      this.errors.push(fieldErrors.invalid(path, '', "claim and expression can't both be set"));
    else if (expression !== '') {
      if (prefix !== undefined)
        this.errors.push(
          fieldErrors.invalid(path.child('prefix'), prefix, 'may not be specified when expression is set'),
        );
      const program = this.program(expression, this.claims, path.child('expression'));
      // Upstream looks no further into a mapping that has an error.
      return prefix === undefined ? program : undefined;
    } else if (claim !== '') {
      if (prefix === undefined)
        this.errors.push(
          fieldErrors.required(
            path.child('prefix'),
            'prefix is required when claim is set. It can be set to an empty string to disable prefixing',
          ),
        );
    } else if (isRequired) this.errors.push(fieldErrors.required(path, 'claim or expression is required'));
    return undefined;
  }

  private uid({ claim, expression }: ClaimMappings['uid'], path: FieldPath): CelProgram | undefined {
    if (claim !== '' && expression !== '') {
      this.errors.push(fieldErrors.invalid(path, '', "claim and expression can't both be set"));
      return undefined;
    }
    return expression === '' ? undefined : this.program(expression, this.claims, path.child('expression'));
  }

  private extra(mappings: ClaimMappings['extra'], path: FieldPath): CompiledJwtAuthenticator['extra'][number][] {
    const { errors } = this;
    const seen = new Set<string>();
    const compiled: CompiledJwtAuthenticator['extra'][number][] = [];
    for (const [i, { key, valueExpression }] of mappings.entries()) {
      const at = path.index(i);
      const keyPath = at.child('key');
      errors.push(...domainPrefixedPathErrors(keyPath, key));
      if (key !== key.toLowerCase()) errors.push(fieldErrors.invalid(keyPath, key, 'must be lowercase'));
      if (/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(key))
        errors.push(
          fieldErrors.invalid(
            keyPath,
            key,
            'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
          ),
        );
      if (this.isRepeated(key, seen, keyPath)) continue;
      if (valueExpression === '') {
        errors.push(fieldErrors.required(at.child('valueExpression')));
        continue;
      }
      const program = this.program(valueExpression, this.claims, at.child('valueExpression'));
      if (program === undefined) continue;
      this.noteVerifiedEmail(valueExpression);
      compiled.push({ key, program });
    }
    return compiled;
  }

  private isRepeated(text: string, seen: Set<string>, path: FieldPath): boolean {
    if (seen.has(text)) {
      this.errors.push(fieldErrors.duplicate(path, text));
      return true;
    }
    seen.add(text);
    return false;
  }

  private noteVerifiedEmail(expression: string): void {
    this.asksForVerifiedEmail ||= selectsClaim(expression, 'email_verified');
  }

  private condition(expression: string, environment: CelEnvironment, path: FieldPath): CelProgram | undefined {
    const program = this.program(expression, environment, path);
    if (program === undefined || typeText(program.type) === 'bool') return program;
    this.errors.push(fieldErrors.invalid(path, expression, 'must evaluate to bool'));
    return undefined;
  }

  private program(expression: string, environment: CelEnvironment, path: FieldPath): CelProgram | undefined {
    const compiled = compileCel(expression, environment);
    if (compiled.program !== undefined) return compiled.program;
    this.errors.push(fieldErrors.invalid(path, expression, compiled.problem));
    return undefined;
  }
}
