import {
  admissionEnvironment,
  type CelEnvironment,
  type CelScope,
  celTypes,
  type CelType,
  compileCel,
  type NamedSchema,
  objectTypes,
  variableType,
} from '@reckon/api/cel';
import type { GroupVersionKind } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { DiscoveredResource } from '../discovery/discover-resources';
import type { SchemaSource } from './schema-source';
import { typesToCheck } from './types-to-check';

type PolicySpec = admissionregistrationv1.ValidatingAdmissionPolicySpec;
export type ExpressionWarning = Required<admissionregistrationv1.ExpressionWarning>;

export interface TypeSources {
  readonly served: () => Promise<readonly DiscoveredResource[]>;
  readonly schemas: SchemaSource;
}

/** A kind that a policy is about, and what an expression sees of it. */
interface CheckedKind {
  readonly kind: GroupVersionKind;
  readonly environment: CelEnvironment;
}

/**
 * Where the expressions of a policy do not fit the kinds that it is about, as far as those are named and known
 * (policy/validating `TypeChecker.Check`). Nothing is refused for it: the policy runs as it is.
 */
export async function checkTypes(spec: PolicySpec, sources: TypeSources): Promise<ExpressionWarning[]> {
  const kinds = await kindsOf(spec, sources);
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string): void => {
    const problems = kinds.flatMap(({ kind, environment }) => {
      const { problem } = compileCel(expression, environment);
      if (problem === undefined) return [];
      return `${kind.group}/${kind.version}, Kind=${kind.kind}: ${problem.replace(/^compilation failed: /, '')}\n`;
    });
    if (problems.length > 0) warnings.push({ fieldRef, warning: problems.join('\n') });
  };
  for (const [i, { expression = '', messageExpression = '' }] of (spec.validations ?? []).entries()) {
    check(`spec.validations[${String(i)}].expression`, expression);
    if (messageExpression !== '') check(`spec.validations[${String(i)}].messageExpression`, messageExpression);
  }
  return warnings;
}

async function kindsOf(spec: PolicySpec, { served, schemas }: TypeSources): Promise<CheckedKind[]> {
  const rules = spec.matchConstraints?.resourceRules ?? [];
  // What the server serves is asked for only where it matters.
  const kinds = rules.length === 0 ? [] : typesToCheck(rules, await served());
  if (kinds.length === 0) return [];
  const params = await paramsOf(spec, schemas);
  const checked: CheckedKind[] = [];
  for (const kind of kinds) {
    const schema = await schemas(kind);
    if (schema === undefined) continue;
    const types = objectTypes({ name: kind.kind, schema }, params);
    const scope = { hasParams: params !== undefined, hasAuthorizer: true, types };
    checked.push({ kind, environment: admissionEnvironment({ ...scope, variables: variablesOf(spec, scope) }) });
  }
  return checked;
}

/** A variable that is wrong itself is of any type: it was refused, or is warned of where it is used. */
function variablesOf(spec: PolicySpec, scope: CelScope): ReadonlyMap<string, CelType> {
  const types = new Map<string, CelType>();
  for (const { name = '', expression = '' } of spec.variables ?? []) {
    const { type, problem } = compileCel(expression, admissionEnvironment({ ...scope, variables: new Map(types) }));
    types.set(name, problem === undefined ? variableType(type) : celTypes.dyn);
  }
  return types;
}

async function paramsOf({ paramKind }: PolicySpec, schemas: SchemaSource): Promise<NamedSchema | undefined> {
  if (paramKind == null) return undefined;
  const { apiVersion = '', kind = '' } = paramKind;
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/', 2) as [string, string]) : ['', apiVersion];
  const schema = await schemas({ group, version, kind });
  return schema === undefined ? undefined : { name: `${kind}Params`, schema };
}
