import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { Storage, StorageResource } from '@reckon/store/contract';
import type { AdmissionAttributes } from '../plugin';
import type { MatchedResource } from './rule-matching';

/** A hook that may want to see a request, by its rules alone. */
export interface Candidate<H> {
  readonly hook: H;
  readonly matched: MatchedResource;
  /** Among all hooks, also those that do not want to see it. */
  readonly position: number;
}

export interface HookIndex<H> {
  /** In order of the configurations' names. Empty for most requests, and then nothing but one look into a map. */
  candidates(attributes: AdmissionAttributes): readonly Candidate<H>[];
  stop(): void;
}

export interface HookIndexParts<H> {
  readonly storage: Pick<Storage, 'observe'>;
  readonly resource: StorageResource;
  readonly kinds: KindRegistry;
  /** The hooks of one configuration. */
  readonly hooksOf: (configuration: KubeObject) => readonly H[];
  readonly match: (
    hook: H,
    request: Pick<AdmissionAttributes, 'row' | 'subresource' | 'operation'>,
  ) => MatchedResource | undefined;
  /** Resources that no hook ever sees. */
  readonly isExempt: (row: ResourceRow) => boolean;
}

const none: readonly never[] = [];

/**
 * Hooks by what they want to see. It follows the configurations as they are stored, so that a change holds for the next request of
 * whoever made it; who may want to see a resource is found once per row and operation and kept until a configuration or a kind changes.
 */
export function hookIndex<H>({ storage, resource, kinds, hooksOf, match, isExempt }: HookIndexParts<H>): HookIndex<H> {
  const configurations = new Map<string, readonly H[]>();
  let hooks: readonly H[] = none;
  let byRow = new WeakMap<ResourceRow, Map<string, readonly Candidate<H>[]>>();
  let revision = kinds.revision;

  const stop = storage.observe(resource, ({ type, object }) => {
    const { name } = object.key;
    if (type === 'DELETED') configurations.delete(name);
    else configurations.set(name, hooksOf(object.parse()));
    hooks = [...configurations.keys()].sort().flatMap((each) => configurations.get(each) ?? none);
    byRow = new WeakMap();
  });

  function find(attributes: AdmissionAttributes): readonly Candidate<H>[] {
    if (isExempt(attributes.row)) return none;
    return hooks.flatMap((hook, position) => {
      const matched = match(hook, attributes);
      return matched === undefined ? none : { hook, matched, position };
    });
  }

  return {
    stop,
    candidates(attributes) {
      if (hooks.length === 0) return none;
      if (kinds.revision !== revision) {
        byRow = new WeakMap();
        revision = kinds.revision;
      }
      const { row, operation, subresource } = attributes;
      let known = byRow.get(row);
      if (known === undefined) byRow.set(row, (known = new Map<string, readonly Candidate<H>[]>()));
      const key = subresource === '' ? operation : `${operation} ${subresource}`;
      let found = known.get(key);
      if (found === undefined) known.set(key, (found = find(attributes)));
      return found;
    },
  };
}
