import { type FieldPath, fieldErrors, fieldPath, semanticEqual, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { checkOneOf, type Errors } from '../../field-checks';
import { type JsonSchema, someSchema } from '../schema/json-schema';
import type { RulesChecker } from '../schema/rules-checker';
import { structuralProblem } from '../schema/structural-problem';
import { validateConversion } from './conversion.validation';
import { deprecationWarningMessages } from './deprecation-warning';
import { type InternalSpec, internalSpec, type Shared, shownVersions } from './internal-definition';
import { checkLabelAtOnce, validateNames, validateRequiredNames } from './names.validation';
import { validateSchema } from './schema-in-version.validation';
import type { Tolerance } from './tolerance';
import { validatePrinterColumns, validateSelectableFields, validateSubresources } from './version-fields.validation';

type Spec = apiextensionsv1.CustomResourceDefinitionSpec;

interface SpecRules {
  readonly tolerance: Tolerance;
  readonly checkRules: RulesChecker;
  /** The spec before an update. */
  readonly old: Spec | undefined;
}

interface Context extends SpecRules {
  readonly mustBeStructural: boolean;
  readonly unchanged: ReadonlySet<string>;
}

/** `validateCustomResourceDefinitionSpec`, on upstream's internal form, whose paths the messages name. */
export function validateSpec(errors: Errors, spec: Spec, rules: SpecRules): void {
  const path = fieldPath('spec');
  const internal = internalSpec(spec);
  const isPreserving = spec.preserveUnknownFields === true;
  validateGroup(errors, path.child('group'), spec.group);
  checkOneOf(errors, path.child('scope'), spec.scope, ['Cluster', 'Namespaced']);
  validatePresence(errors, path.child('versions'), internal, rules.tolerance, isPreserving);
  const hasDefaults = someSchemaOf(spec, (schema) => schema.default !== undefined);
  if (hasDefaults && isPreserving)
    errors.push(
      fieldErrors.invalid(
        path.child('preserveUnknownFields'),
        true,
        'must be false in order to use defaults in the schema',
      ),
    );
  const context: Context = {
    ...rules,
    mustBeStructural:
      !isPreserving || hasDefaults || someSchemaOf(spec, hasExtensions) || !rules.tolerance.nonStructural,
    unchanged: unchangedVersions(spec, rules.old),
  };
  validateVersions(errors, path.child('versions'), internal, context);
  const names = path.child('names');
  const given = spec.names ?? { plural: '', kind: '' };
  validateRequiredNames(errors, names, given);
  validateNames(errors, names, given);
  validateShared(errors, path, internal, context);
  const { conversion } = spec;
  if (!conversion) return;
  if (conversion.strategy !== 'None' && isPreserving)
    errors.push(
      fieldErrors.invalid(
        path.child('conversion', 'strategy'),
        conversion.strategy,
        'must be None if spec.preserveUnknownFields is true',
      ),
    );
  validateConversion(errors, path.child('conversion'), conversion, rules.tolerance);
}

function validateGroup(errors: Errors, path: FieldPath, group: string): void {
  if (!group) {
    errors.push(fieldErrors.required(path));
    return;
  }
  const messages = validateDns1123Subdomain(group);
  if (messages.length > 0) errors.push(fieldErrors.invalid(path, group, messages.join(',')));
  else if (!group.includes('.'))
    errors.push(fieldErrors.invalid(path, group, 'should be a domain with at least one dot'));
}

/** Without a schema everything unknown, and so everything, would be pruned. */
function validatePresence(
  errors: Errors,
  path: FieldPath,
  { shared, versions }: InternalSpec,
  tolerance: Tolerance,
  isPreserving: boolean,
): void {
  if (shared.schema?.openAPIV3Schema || (tolerance.missingSchemas && isPreserving)) return;
  for (const [i, version] of versions.entries()) {
    if (version.schema?.openAPIV3Schema) continue;
    const schemaPath = path.index(i).child('schema', 'openAPIV3Schema');
    if (!tolerance.missingSchemas) errors.push(fieldErrors.required(schemaPath));
    else if (version.served) errors.push(fieldErrors.required(schemaPath, 'because otherwise all fields are pruned'));
  }
}

const someSchemaOf = ({ versions }: Spec, isSo: (schema: JsonSchema) => boolean): boolean =>
  (versions ?? []).some(({ schema }) => someSchema(schema?.openAPIV3Schema, isSo));

const hasExtensions = (schema: JsonSchema): boolean =>
  schema['x-kubernetes-embedded-resource'] === true ||
  schema['x-kubernetes-preserve-unknown-fields'] !== undefined ||
  schema['x-kubernetes-int-or-string'] === true ||
  (schema['x-kubernetes-list-map-keys'] ?? []).length > 0 ||
  schema['x-kubernetes-list-type'] !== undefined ||
  (schema['x-kubernetes-validations'] ?? []).length > 0;

function unchangedVersions(spec: Spec, old: Spec | undefined): ReadonlySet<string> {
  const before = new Map((old?.versions ?? []).map((version) => [version.name, version.schema]));
  return new Set(
    (spec.versions ?? [])
      .filter(({ name, schema }) => before.has(name) && semanticEqual(schema, before.get(name)))
      .map(({ name }) => name),
  );
}

function validateVersions(errors: Errors, path: FieldPath, internal: InternalSpec, context: Context): void {
  const { versions, shared } = internal;
  const names = new Set<string>();
  for (const [i, version] of versions.entries()) {
    names.add(version.name);
    const versionPath = path.index(i);
    checkLabelAtOnce(errors, versionPath.child('name'), version.name);
    for (const message of deprecationWarningMessages(version.deprecated === true, version.deprecationWarning))
      errors.push(fieldErrors.invalid(versionPath.child('deprecationWarning'), version.deprecationWarning, message));
    validateParts(errors, versionPath, 'schema', version, {
      ...context,
      // The subresources of a version are its own or everyone's.
      hasStatus: (version.subresources ?? shared.subresources)?.status !== undefined,
      version: version.name,
    });
  }
  if (names.size < versions.length)
    errors.push(fieldErrors.invalid(path, shownVersions(versions), 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(
      fieldErrors.invalid(path, shownVersions(versions), 'must have exactly one version marked as storage version'),
    );
  if (internal.version !== '') checkLabelAtOnce(errors, fieldPath('spec', 'version'), internal.version);
}

function validateShared(
  errors: Errors,
  path: FieldPath,
  { shared, version, versions }: InternalSpec,
  context: Context,
): void {
  const hasStatus = [shared, ...versions].some(({ subresources }) => subresources?.status !== undefined);
  validateParts(errors, path, 'validation', shared, { ...context, hasStatus, version });
}

interface PartsContext extends Context {
  readonly hasStatus: boolean;
  readonly version: string;
}

/** What a version says, or all of them together. */
function validateParts(
  errors: Errors,
  path: FieldPath,
  schemaField: 'schema' | 'validation',
  parts: Shared,
  context: PartsContext,
): void {
  const schema = parts.schema?.openAPIV3Schema;
  if (schema)
    validateSchema(errors, schema, {
      path: path.child(schemaField),
      hasStatus: context.hasStatus,
      mustBeStructural: context.mustBeStructural,
      isUnchanged: context.unchanged.has(context.version),
      tolerance: context.tolerance,
      checkRules: context.checkRules,
    });
  validateSubresources(errors, path.child('subresources'), parts.subresources);
  validatePrinterColumns(errors, path.child('additionalPrinterColumns'), parts.additionalPrinterColumns);
  const fields = parts.selectableFields ?? [];
  if (fields.length === 0) return;
  const fieldsPath = path.child('selectableFields');
  if (!schema) {
    errors.push(fieldErrors.invalid(fieldsPath, '', needsSchema[schemaField]));
    return;
  }
  const problem = structuralProblem(schema);
  if (problem !== undefined) errors.push(fieldErrors.invalid(path.child('schema.openAPIV3Schema'), '', problem));
  validateSelectableFields(errors, fieldsPath, fields, problem === undefined ? schema : undefined);
}

const needsSchema = {
  schema: 'selectableFields may only be set when version.schema.openAPIV3Schema is not included',
  validation: 'selectableFields may only be set when validations.schema is included',
} as const;
