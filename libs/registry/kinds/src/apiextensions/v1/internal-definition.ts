import { semanticEqual } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { internalSchema } from '../schema/internal-schema';

type Spec = apiextensionsv1.CustomResourceDefinitionSpec;
type Version = apiextensionsv1.CustomResourceDefinitionVersion;

/** What may stand once for all versions. */
export interface Shared {
  readonly schema?: apiextensionsv1.CustomResourceValidation;
  readonly subresources?: apiextensionsv1.CustomResourceSubresources;
  readonly additionalPrinterColumns?: apiextensionsv1.CustomResourceColumnDefinition[];
  readonly selectableFields?: apiextensionsv1.SelectableField[];
}

/** A definition in upstream's internal form: what all versions share is told apart from what is a version's own. */
export interface InternalSpec {
  /** The first version's name; '' without versions. */
  readonly version: string;
  readonly shared: Shared;
  /** Without what is shared. */
  readonly versions: readonly Version[];
}

/**
 * pkg/apis/apiextensions/v1 `Convert_v1_CustomResourceDefinitionSpec_To_apiextensions_CustomResourceDefinitionSpec`: this is why
 * a definition with one version is told of `spec.validation` and not of `spec.versions[0].schema`.
 */
export function internalSpec({ versions }: Spec): InternalSpec {
  const list = versions ?? [];
  const first = list[0];
  if (first === undefined) return { version: '', shared: {}, versions: [] };
  const isSame = (field: keyof Shared): boolean => list.every((version) => semanticEqual(version[field], first[field]));
  const shared = (['schema', 'subresources', 'additionalPrinterColumns'] as const).filter(isSame) as (keyof Shared)[];
  if (shared.includes('schema') && isSame('selectableFields')) shared.push('selectableFields');
  const pick = (field: keyof Shared): object =>
    shared.includes(field) && first[field] !== undefined ? { [field]: first[field] } : {};
  return {
    version: first.name,
    shared: Object.assign(
      {},
      pick('schema'),
      pick('subresources'),
      pick('additionalPrinterColumns'),
      pick('selectableFields'),
    ) as Shared,
    versions: list.map(
      (version) =>
        Object.fromEntries(
          Object.entries(version).filter(([field]) => !shared.includes(field as keyof Shared)),
        ) as Version,
    ),
  };
}

/** The versions as a message shows them. */
export const shownVersions = (versions: readonly Version[]): readonly object[] => versions.map(shownVersion);

function shownVersion(version: Version): object {
  const { schema, subresources, additionalPrinterColumns, selectableFields } = version;
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: schema ? { OpenAPIV3Schema: schema.openAPIV3Schema ? internalSchema(schema.openAPIV3Schema) : null } : null,
    Subresources: subresources ? shownSubresources(subresources) : null,
    AdditionalPrinterColumns: additionalPrinterColumns?.map(shownColumn) ?? null,
    SelectableFields: selectableFields?.map(({ jsonPath }) => ({ JSONPath: jsonPath })) ?? null,
  };
}

function shownSubresources({ status, scale }: apiextensionsv1.CustomResourceSubresources): object {
  return {
    Status: status ? {} : null,
    Scale: scale
      ? {
          SpecReplicasPath: scale.specReplicasPath,
          StatusReplicasPath: scale.statusReplicasPath,
          LabelSelectorPath: scale.labelSelectorPath ?? null,
        }
      : null,
  };
}

const shownColumn = (column: apiextensionsv1.CustomResourceColumnDefinition): object => ({
  Name: column.name,
  Type: column.type,
  Format: column.format ?? '',
  Description: column.description ?? '',
  Priority: column.priority ?? 0,
  JSONPath: column.jsonPath,
});
