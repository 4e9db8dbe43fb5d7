import {
  type GroupVersionKind,
  type KubeObject,
  StatusError,
  apiVersionOf,
  failure,
  statusErrors,
} from '@reckon/api/machinery';

/** What a Scale's configuration may state; the rest of it is the server's or belongs to no Scale. */
const specFields: ReadonlySet<string> = new Set(['replicas']);
const rootFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

const metadataFields: ReadonlySet<string> = new Set(['name', 'namespace', 'uid', 'resourceVersion', 'managedFields']);

/**
 * An applied Scale as a configuration of the object that it scales. Only replicas go over: anything else would let a right on
 * `scale` reach the rest of the object. Throws StatusError.
 */
export function configurationOfScale(scale: KubeObject, row: GroupVersionKind): KubeObject {
  if (scale.apiVersion !== 'autoscaling/v1' || scale.kind !== 'Scale')
    throw statusErrors.badRequest(`invalid object type: ${kindText(scale)}`);
  const { metadata, spec } = scale as { metadata?: unknown; spec?: unknown };
  const unknown = unknownField(scale, spec);
  if (unknown !== undefined)
    throw new StatusError(
      failure({
        code: 500,
        message: `failed to create typed patch object (${nameOf(metadata)}; autoscaling/v1, Kind=Scale): ${unknown}: field not declared in schema`,
      }),
    );
  return {
    apiVersion: apiVersionOf(row),
    kind: row.kind,
    metadata: ownMetadata(metadata),
    ...(spec === undefined ? {} : { spec }),
  };
}

/** Labels and the like of a Scale are not those of the object; managedFields go along to be refused. */
function ownMetadata(metadata: unknown): KubeObject['metadata'] {
  if (typeof metadata !== 'object' || metadata === null) return {};
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => metadataFields.has(name)));
}

function unknownField(scale: object, spec: unknown): string | undefined {
  for (const name of Object.keys(scale)) if (!rootFields.has(name)) return `.${name}`;
  if (typeof spec !== 'object' || spec === null) return undefined;
  for (const name of Object.keys(spec)) if (!specFields.has(name)) return `.spec.${name}`;
  return undefined;
}

function nameOf(metadata: unknown): string {
  const { namespace, name } = (typeof metadata === 'object' ? (metadata ?? {}) : {}) as Record<string, unknown>;
  return `${typeof namespace === 'string' ? namespace : ''}/${typeof name === 'string' ? name : ''}`;
}

function kindText({ apiVersion, kind }: KubeObject): string {
  const text = typeof apiVersion === 'string' ? apiVersion : '';
  return `${text.includes('/') ? text : `/${text}`}, Kind=${kind ?? ''}`;
}
