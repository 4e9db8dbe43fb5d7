import { jsonEqual } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';

type Definition = apiextensionsv1.CustomResourceDefinition;
type Names = apiextensionsv1.CustomResourceDefinitionNames;

/** SetDefaults_CustomResourceDefinition. */
export function setDefinitionDefaults(definition: Definition): void {
  const spec = (definition.spec ??= emptySpec());
  const names = namesWithDefaults(spec.names);
  if (!jsonEqual(names, spec.names)) spec.names = names;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
  const stored = definition.status?.storedVersions ?? [];
  if (stored.length === 0 && definition.status) {
    definition.status = { ...definition.status };
    addStorageVersion(definition.status, spec);
  }
}

/** In the order of the type, as all is stored. */
function namesWithDefaults(names: Names | undefined): Names {
  const { plural = '', kind = '', shortNames, categories } = names ?? {};
  const singular = names?.singular || kind.toLowerCase();
  const listKind = names?.listKind || (kind === '' ? '' : `${kind}List`);
  return {
    plural,
    ...(singular === '' ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    kind,
    ...(listKind === '' ? {} : { listKind }),
    ...(categories === undefined ? {} : { categories }),
  };
}

const emptySpec = (): Definition['spec'] => ({
  group: '',
  names: { plural: '', kind: '' },
  scope: '',
  versions: [],
});

/** Objects are stored in it from now on, and maybe for long. */
export function addStorageVersion(
  status: apiextensionsv1.CustomResourceDefinitionStatus,
  spec: apiextensionsv1.CustomResourceDefinitionSpec,
): void {
  const version = (spec.versions ?? []).find(({ storage }) => storage)?.name;
  const stored = status.storedVersions ?? [];
  if (version !== undefined && !stored.includes(version)) status.storedVersions = [...stored, version];
}
