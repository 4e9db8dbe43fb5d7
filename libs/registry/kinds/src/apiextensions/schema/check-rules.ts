import {
  type CelProgram,
  celTypes,
  compileCel,
  type CompiledCel,
  maxCardinality,
  schemaEnvironment,
  sizedType,
  type SizedType,
} from '@reckon/api/cel';
import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { internalRule } from './internal-schema';
import type { JsonSchema } from './json-schema';
import { costMessage } from './cost-message';
import type { ExpressionCost, RulesChecker, RulesInSchema } from './rules-checker';

type Rule = NonNullable<JsonSchema['x-kubernetes-validations']>[number];

/** What one expression may cost, as often as it may run for one object. */
const costLimit = 10_000_000;

/** Compiles each rule, and the expression of its message, with what values of the schema are, and estimates what they cost. */
export const checkRules: RulesChecker = (errors, rules) => {
  const path = rules.path.child('x-kubernetes-validations');
  const size = sizedType(rules.schema, rules.scope === 'resource');
  if (size === undefined) {
    const detail = 'internal error: failed to retrieve type information for x-kubernetes-validations';
    errors.push(fieldErrors.internal(path, detail));
    return [];
  }
  return (rules.schema['x-kubernetes-validations'] ?? []).flatMap((rule, i) =>
    checkRule(errors, path.index(i), rule, { rules, size }),
  );
};

interface Context {
  readonly rules: RulesInSchema;
  readonly size: SizedType;
}

function checkRule(errors: Errors, path: FieldPath, rule: Rule, { rules, size }: Context): readonly ExpressionCost[] {
  const environment = schemaEnvironment(rules.schema, {
    isResource: rules.scope === 'resource',
    hasOptionalOldSelf: rule.optionalOldSelf === true,
  });
  // That one is missing is said elsewhere.
  if (rule.rule.trim() === '' || environment === undefined) return [];
  const refuse = (field: string, detail: string): void => {
    errors.push(fieldErrors.invalid(path.child(field), internalRule(rule), detail));
  };
  const times = rules.maxCardinality ?? maxCardinality(size.minSerializedSize);
  const estimate = (program: CelProgram, field: string, name: string, runs: number): ExpressionCost => {
    const cost = program.estimateCost(() => size) * runs;
    const one = { path: path.child(field), cost };
    if (cost > costLimit && !rules.isUnchanged)
      errors.push(fieldErrors.forbidden(one.path, costMessage(name, cost, costLimit)));
    return one;
  };
  const costs: ExpressionCost[] = [];
  const compiled = compileCel(rule.rule, environment, { results: [celTypes.bool] });
  if (compiled.problem !== undefined) refuse('rule', ruleProblem(compiled));
  else {
    costs.push(estimate(compiled.program, 'rule', 'estimated rule cost', times));
    const message = rule.messageExpression
      ? compileCel(rule.messageExpression, environment, { results: [celTypes.string] })
      : undefined;
    if (message?.problem !== undefined) refuse('messageExpression', messageProblem(message));
    // A message is made once, for the first value that breaks the rule.
    else if (message !== undefined)
      costs.push(estimate(message.program, 'messageExpression', 'estimated messageExpression cost', 1));
  }
  checkOldSelf(errors, path, rule, {
    usesOldSelf: compiled.program?.variables.has('oldSelf') ?? false,
    uncorrelatable: rules.uncorrelatable,
  });
  return costs;
}

type Problem = Extract<CompiledCel, { readonly problem: string }>;

const ruleProblem = ({ problem, reason }: Problem): string =>
  reason === 'compile' ? problem : 'cel expression must evaluate to a bool';

const messageProblem = ({ problem, reason }: Problem): string =>
  reason === 'compile' ? `messageExpression ${problem}` : 'messageExpression must evaluate to a string';

/** The old value must be one that can be found. */
function checkOldSelf(
  errors: Errors,
  path: FieldPath,
  rule: Rule,
  { usesOldSelf, uncorrelatable }: { readonly usesOldSelf: boolean; readonly uncorrelatable: FieldPath | undefined },
): void {
  if (usesOldSelf && uncorrelatable !== undefined)
    errors.push(
      fieldErrors.invalid(
        path.child('rule'),
        rule.rule,
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable.toString()}`,
      ),
    );
  if (!usesOldSelf && rule.optionalOldSelf !== undefined)
    errors.push(
      fieldErrors.invalid(
        path.child('optionalOldSelf'),
        rule.optionalOldSelf,
        'may not be set if oldSelf is not used in rule',
      ),
    );
}
