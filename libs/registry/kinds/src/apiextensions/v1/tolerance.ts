import { fieldPath, isConditionTrue } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { hasUnprunedDefaults } from '../schema/default.validation';
import { type JsonSchema, someSchema } from '../schema/json-schema';
import { hasNonAtomicSet, validateMapKeys } from '../schema/list-type.validation';
import type { SchemaTolerance } from '../schema/openapi-schema.validation';
import { validateStructural } from '../schema/structural.validation';
import { structuralProblem } from '../schema/structural-problem';
import { bundleProblem } from './ca-bundle';
import { type ConversionTolerance, hasReviewVersion } from './conversion.validation';

type Definition = apiextensionsv1.CustomResourceDefinition;

/** What may stay because it is stored already: rules that came later than the objects that break them. */
export interface Tolerance extends SchemaTolerance, ConversionTolerance {
  readonly missingSchemas: boolean;
  readonly nonStructural: boolean;
  readonly unprunedDefaults: 'refused' | 'tolerated';
  readonly storedExpressions: ReadonlySet<string>;
}

/** For new definitions. */
export const noTolerance: Tolerance = {
  invalidTypes: false,
  nonAtomicSets: false,
  badMapKeys: false,
  unknownReviewVersions: false,
  // Nobody is called before it is established.
  badBundle: true,
  missingSchemas: false,
  nonStructural: false,
  unprunedDefaults: 'refused',
  storedExpressions: new Set(),
};

/** For updates of `old`. */
export function toleranceOf(old: Definition): Tolerance {
  const versions = old.spec.versions ?? [];
  const schemas = versions.flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  const some = (isSo: (schema: JsonSchema) => boolean): boolean => schemas.some((schema) => someSchema(schema, isSo));
  const webhook = old.spec.conversion?.webhook;
  const reviewVersions = webhook?.conversionReviewVersions ?? [];
  const isStructural = schemas.map(
    (schema) => structuralProblem(schema) === undefined && validateStructural(fieldPath(''), schema).length === 0,
  );
  return {
    invalidTypes: some(hasInvalidType),
    nonAtomicSets: some(hasNonAtomicSet),
    badMapKeys: some(hasBadMapKeys),
    unknownReviewVersions: reviewVersions.length > 0 && !hasReviewVersion(reviewVersions),
    badBundle: !isEstablished(old) || hasBadBundle(webhook?.clientConfig?.caBundle),
    missingSchemas: schemas.length < versions.length,
    nonStructural: isStructural.includes(false),
    unprunedDefaults: schemas.some((schema, i) => isStructural[i] === true && hasUnprunedDefaults(schema))
      ? 'tolerated'
      : 'refused',
    storedExpressions: expressionsIn(schemas),
  };
}

export const isEstablished = ({ status }: Definition): boolean => isConditionTrue(status?.conditions, 'Established');

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const hasInvalidType = ({ type }: JsonSchema): boolean => Boolean(type) && !types.includes(type ?? '');

function hasBadMapKeys(schema: JsonSchema): boolean {
  const errors: Parameters<typeof validateMapKeys>[0] = [];
  validateMapKeys(errors, fieldPath(''), schema);
  return errors.length > 0;
}

const hasBadBundle = (bundle: string | undefined): boolean =>
  Boolean(bundle) && bundleProblem(bundle ?? '') !== undefined;

function expressionsIn(schemas: readonly JsonSchema[]): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const schema of schemas)
    someSchema(schema, (inner) => {
      for (const { rule, messageExpression } of inner['x-kubernetes-validations'] ?? []) {
        texts.add(rule);
        if (messageExpression) texts.add(messageExpression);
      }
      return false;
    });
  return texts;
}
