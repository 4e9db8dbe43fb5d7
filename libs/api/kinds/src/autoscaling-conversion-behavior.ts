import { type Fields, isFields, isThere, read } from './autoscaling-conversion-metrics';

/** Members of the rules of a direction: as upstream's internal structs, which have no JSON names, and as autoscaling/v2 has them. */
const ruleFields = [
  ['StabilizationWindowSeconds', 'stabilizationWindowSeconds'],
  ['SelectPolicy', 'selectPolicy'],
  ['Policies', 'policies'],
  ['Tolerance', 'tolerance'],
] as const;
const policyFields = [
  ['Type', 'type', ''],
  ['Value', 'value', 0],
  ['PeriodSeconds', 'periodSeconds', 0],
] as const;
const directions = [
  ['ScaleUp', 'scaleUp'],
  ['ScaleDown', 'scaleDown'],
] as const;

/** The behavior as the annotation of autoscaling/v1 holds it: upstream marshals its internal struct, nulls and all. */
export function behaviorToV1(behavior: Fields): Fields {
  const rulesOf = (rules: unknown): Fields | null =>
    isFields(rules)
      ? Object.fromEntries(
          ruleFields.map(([name, json]) => [
            name,
            json === 'policies' ? policiesOf(rules[json]) : (rules[json] ?? null),
          ]),
        )
      : null;
  const policiesOf = (policies: unknown): unknown[] | null =>
    Array.isArray(policies)
      ? policies.map((policy: Fields) =>
          Object.fromEntries(policyFields.map(([name, json, zero]) => [name, policy[json] ?? zero])),
        )
      : null;
  return Object.fromEntries(directions.map(([name, json]) => [name, rulesOf(behavior[json])]));
}

/** The inverse, of a text that anybody may have written; undefined when it says nothing. */
export function behaviorToV2(value: unknown): Fields | undefined {
  if (!isFields(value)) return undefined;
  const result: Record<string, unknown> = {};
  for (const [name, json] of directions) {
    const rules = read(value, name);
    if (isThere(rules)) result[json] = isFields(rules) ? rulesToV2(rules) : rules;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function rulesToV2(rules: Fields): Fields {
  const result: Record<string, unknown> = {};
  for (const [name, json] of ruleFields) {
    const value = read(rules, name);
    if (isThere(value)) result[json] = json === 'policies' ? policiesToV2(value) : value;
  }
  return result;
}

function policiesToV2(policies: unknown): unknown {
  if (!Array.isArray(policies)) return policies;
  return policies.map((policy: unknown) =>
    isFields(policy)
      ? Object.fromEntries(policyFields.map(([name, json, zero]) => [json, read(policy, name) ?? zero]))
      : policy,
  );
}
