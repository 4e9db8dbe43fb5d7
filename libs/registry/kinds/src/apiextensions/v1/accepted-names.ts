import {
  aggregateMessage,
  type Condition,
  findCondition,
  goQuote,
  semanticEqual,
  timeText,
} from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import type { Change, Storage, StoredObject } from '@reckon/store/contract';

type Definition = apiextensionsv1.CustomResourceDefinition;
type Names = apiextensionsv1.CustomResourceDefinitionNames;
type Status = apiextensionsv1.CustomResourceDefinitionStatus;

const resource = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };

/** What the other definitions of a group have got. */
interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/**
 * Gives a definition the names that it asks for and that nobody has, in the step that writes it, and to others what it sets free
 * (upstream's NamingConditionController; DESIGN.md says why it is no controller here). Returns the changes of those others.
 */
export function settleNames(
  storage: Storage,
  definition: Definition | undefined,
  old: Definition | undefined,
  nowMs: number,
): readonly Change[] {
  const group = (definition ?? old)?.spec.group ?? '';
  const name = (definition ?? old)?.metadata.name ?? '';
  const others = definitionsOf(storage, group, name);
  const standing = others.map(({ definition: other }) => other);
  if (definition !== undefined && !hasItsNames(definition)) accept(definition, takenBy(standing), nowMs);
  if (!hasSetFree(definition, old)) return [];
  const changes: Change[] = [];
  for (const { definition: other, stored } of others) {
    if (hasItsNames(other)) continue;
    const rest = standing.filter((one) => one !== other);
    if (accept(other, takenBy(definition === undefined ? rest : [...rest, definition]), nowMs))
      changes.push({
        key: stored.key,
        verb: 'update',
        previous: stored.revision,
        object: other,
      });
  }
  return changes;
}

/** A definition is called `<plural>.<group>`, so only those of one group are parsed. */
function definitionsOf(
  storage: Storage,
  group: string,
  exceptName: string,
): readonly { readonly definition: Definition; readonly stored: StoredObject }[] {
  const found: { definition: Definition; stored: StoredObject }[] = [];
  for (const stored of storage.newestOf(resource))
    if (stored.key.name !== exceptName && stored.key.name.endsWith(`.${group}`)) {
      const definition = stored.parse() as unknown as Definition;
      if (definition.spec.group === group) found.push({ definition, stored });
    }
  return found;
}

const hasItsNames = ({ spec, status }: Definition): boolean => semanticEqual(spec.names, status?.acceptedNames);

function hasSetFree(definition: Definition | undefined, old: Definition | undefined): boolean {
  const before = old?.status?.acceptedNames;
  return before !== undefined && !semanticEqual(before, definition?.status?.acceptedNames);
}

function takenBy(definitions: readonly Definition[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of definitions) {
    const names = status?.acceptedNames;
    if (!names) continue;
    for (const one of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (one) resources.add(one);
    for (const one of [names.kind, names.listKind]) if (one) kinds.add(one);
  }
  return { resources, kinds };
}

/** Writes names and condition; true when that changed anything. */
function accept(definition: Definition, taken: Taken, nowMs: number): boolean {
  const status = (definition.status ??= { acceptedNames: { plural: '', kind: '' } });
  const { names, condition } = decideNames(definition.spec.names, status.acceptedNames, taken);
  const old = findCondition(status.conditions, 'NamesAccepted');
  const isSame =
    old !== undefined &&
    old.status === condition.status &&
    old.reason === condition.reason &&
    old.message === condition.message;
  if (isSame && semanticEqual(names, status.acceptedNames)) return false;
  status.acceptedNames = names;
  putCondition(status, condition, nowMs);
  return true;
}

interface NameDecision {
  readonly names: Names;
  readonly condition: Condition;
}

/** `calculateNamesAndConditions`: every name is looked at, the last conflict is told. */
function decideNames(wanted: Names, accepted: Names, taken: Taken): NameDecision {
  let conflict: { reason: string; message: string } | undefined;
  const settle = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    used: ReadonlySet<string>,
  ): string => {
    const [asked = '', got = ''] = [wanted[field], accepted[field]];
    if (asked === got || !used.has(asked)) return asked;
    conflict = { reason, message: inUse(asked) };
    return got;
  };
  const plural = settle('plural', 'PluralConflict', taken.resources);
  const singular = settle('singular', 'SingularConflict', taken.resources);
  const shortNames = settleShortNames(wanted, accepted, taken.resources, (message) => {
    conflict = { reason: 'ShortNamesConflict', message };
  });
  const kind = settle('kind', 'KindConflict', taken.kinds);
  const listKind = settle('listKind', 'ListKindConflict', taken.kinds);
  const categories = wanted.categories ?? [];
  return {
    // In the order of the type, since this is written as it is.
    names: {
      plural,
      ...(singular === '' ? {} : { singular }),
      ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
      kind,
      ...(listKind === '' ? {} : { listKind }),
      ...(categories.length === 0 ? {} : { categories: [...categories] }),
    },
    condition:
      conflict === undefined
        ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
        : { type: 'NamesAccepted', status: 'False', ...conflict },
  };
}

const inUse = (name: string): string => `${goQuote(name)} is already in use`;

/** All of them or none. */
function settleShortNames(
  wanted: Names,
  accepted: Names,
  used: ReadonlySet<string>,
  refuse: (message: string) => void,
): readonly string[] {
  const got = accepted.shortNames ?? [];
  const asked = wanted.shortNames ?? [];
  const own = new Set([...got, accepted.plural, accepted.singular ?? '']);
  const conflicts = asked.filter((name) => !own.has(name) && used.has(name));
  if (conflicts.length === 0) return asked;
  refuse(aggregateMessage(conflicts.map(inUse)));
  return got;
}

/** pkg/apihelpers `SetCRDCondition`. */
function putCondition(status: Status, condition: Condition, nowMs: number): void {
  const conditions = status.conditions ?? [];
  const old = findCondition(conditions, condition.type);
  const isSameStatus = old?.status === condition.status && Boolean(old.lastTransitionTime);
  const { type, reason = '', message = '' } = condition;
  const next = {
    type,
    status: condition.status,
    lastTransitionTime: isSameStatus ? (old.lastTransitionTime ?? '') : timeText(nowMs),
    reason,
    message,
  };
  status.conditions = old ? conditions.map((one) => (one === old ? next : one)) : [...conditions, next];
}
