import type { FieldPath } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import type { JsonSchema } from './json-schema';

/** The `x-kubernetes-validations` of one schema, and what their expressions can see. */
export interface RulesInSchema {
  /** The schema that has the rules; `self` is a value of it. */
  readonly schema: JsonSchema;
  readonly path: FieldPath;
  /** Custom and embedded resources have `apiVersion`, `kind` and `metadata` without saying so. */
  readonly scope: 'resource' | 'value';
  /** How often the rules may be evaluated for one object; undefined when nothing bounds it. */
  readonly maxCardinality: number | undefined;
  /** The outermost schema whose values cannot be told apart over an update: there `oldSelf` is nothing to speak of. */
  readonly uncorrelatable: FieldPath | undefined;
  /** Texts of rules and messages that are stored already: those compile with what any version knew. */
  readonly stored: ReadonlySet<string>;
  /** Stored as it is: what an expression costs is no longer a reason to refuse it. */
  readonly isUnchanged: boolean;
}

/** What one expression may cost for one object, as often as it runs. */
export interface ExpressionCost {
  readonly path: FieldPath;
  readonly cost: number;
}

/**
 * Compiles the expressions of rules whose form is right already, of schemas that are structural, and appends what is wrong with them
 * (pkg/apis/apiextensions/validation, the part with `cel.Compile`). Returns the estimated costs, for the limit on a whole schema.
 */
export type RulesChecker = (errors: Errors, rules: RulesInSchema) => readonly ExpressionCost[];

/** No expression is looked at. */
export const uncheckedRules: RulesChecker = () => [];
