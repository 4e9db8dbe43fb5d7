import { type ManagedFieldsEntry, type StatusError, goQuote, statusErrors } from '@reckon/api/machinery';
import { goValueText } from '../patch/go-value-text';
import { type FieldSet, isEmptyNode, isMember } from './field-set';

/** Fields that somebody else owns and the configuration would change. */
export interface ApplyConflict {
  readonly entry: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

/** 409 with one cause per field (apimachinery/pkg/util/managedfields/internal `NewConflictError`). */
export function applyConflictError(conflicts: readonly ApplyConflict[]): StatusError {
  const found = [...conflicts]
    .sort((a, b) => compareTexts(sortText(a.entry), sortText(b.entry)))
    .map(({ entry, fields }) => ({ owner: ownerText(entry), paths: pathsOf(fields, '') }));
  const causes = found.flatMap(({ owner, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field })),
  );
  const [only] = causes;
  if (causes.length === 1 && only !== undefined)
    return statusErrors.applyConflict(`Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes);
  const lines = found.flatMap(({ owner, paths }) => [`conflicts with ${owner}:`, ...paths.map((path) => `- ${path}`)]);
  return statusErrors.applyConflict(
    `Apply failed with ${String(causes.length)} conflicts: ${lines.join('\n')}`,
    causes,
  );
}

function ownerText({ manager, operation, subresource, apiVersion }: ManagedFieldsEntry): string {
  const name = goQuote(manager ?? '');
  const through = (subresource ?? '') === '' ? name : `${name} with subresource ${goQuote(subresource ?? '')}`;
  return operation === 'Update' ? `${through} using ${apiVersion ?? ''}` : through;
}

/** Managers of one kind by name, as their identifiers sort. */
const sortText = (entry: ManagedFieldsEntry): string =>
  JSON.stringify([
    entry.manager,
    entry.operation,
    entry.operation === 'Apply' ? '' : entry.apiVersion,
    entry.subresource,
  ]);

/** As structured-merge-diff walks a set: of each node first the members, then what is in them. */
export function pathsOf(set: FieldSet, prefix: string): string[] {
  const own: string[] = [];
  const inside: string[] = [];
  for (const [element, child] of Object.entries(set)) {
    if (element === '.') continue;
    const path = prefix + elementText(element);
    if (isMember(child)) own.push(path);
    if (!isEmptyNode(child)) inside.push(...pathsOf(child, path));
  }
  return [...own, ...inside];
}

/** structured-merge-diff `PathElement.String`: `.spec`, `[name="a"]`, `[="x"]`, `[3]`. */
export function elementText(element: string): string {
  const text = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${text}`;
    case 'k:': {
      const keys = parsed(text);
      if (typeof keys !== 'object' || keys === null) return `[${text}]`;
      return `[${Object.entries(keys)
        .map(([key, value]) => `${key}=${valueText(value)}`)
        .join(',')}]`;
    }
    case 'v:':
      return `[=${valueText(parsed(text))}]`;
    default:
      return `[${text}]`;
  }
}

/** A client may have written elements that are no JSON; they stand for themselves. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** structured-merge-diff `value.ToString` */
const valueText = (value: unknown): string =>
  typeof value === 'string' ? goQuote(value) : value === null ? 'null' : goValueText(value);

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
