import { type StatusCause, StatusError, statusErrors } from '@reckon/api/machinery';
import type { AdmissionAttributes } from './plugin';

/** k8s.io/apiserver/pkg/admission `NewForbidden`: names the object, or what its name will begin with. */
export function admissionForbidden(
  { row, name, object }: AdmissionAttributes,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  const shown = [name, object?.metadata.name, object?.metadata.generateName].find(
    (text) => text !== undefined && text !== '',
  );
  const error = statusErrors.forbidden({ group: row.group, resource: row.resource }, shown ?? 'Unknown', why);
  if (causes === undefined) return error;
  return new StatusError({ ...error.status, details: { ...error.status.details, causes } });
}
