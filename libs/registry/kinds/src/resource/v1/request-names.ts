import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';
import { checkSet, itself } from './list-checks';
import { checkLabel } from './resource-names';

const mostRequests = 32;

/** The requests of a claim by name, each with the names of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export const requestNamesOf = ({ requests }: resourcev1.DeviceClaim): RequestNames =>
  new Map((requests ?? []).map(({ name, firstAvailable }) => [name, new Set(firstAvailable?.map((sub) => sub.name))]));

function has(names: RequestNames, reference: string): boolean {
  const [request = '', alternative] = reference.split('/');
  const alternatives = names.get(request);
  return alternatives !== undefined && (alternative === undefined || alternatives.has(alternative));
}

const message = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** `validateRequestNameRef`. */
export function checkRequestReference(errors: Errors, path: FieldPath, reference: string, names: RequestNames): void {
  const segments = reference.split('/');
  if (segments.length > 2) {
    errors.push(fieldErrors.invalid(path, reference, message));
    return;
  }
  for (const segment of segments) checkLabel(errors, path, segment);
  if (!has(names, reference)) errors.push(fieldErrors.invalid(path, reference, message));
}

export function checkRequestReferences(
  errors: Errors,
  path: FieldPath,
  references: readonly string[] | undefined,
  names: RequestNames,
): void {
  checkSet(errors, path, references, mostRequests, itself, (_, itemPath, reference) => {
    checkRequestReference(errors, itemPath, reference, names);
  });
}
