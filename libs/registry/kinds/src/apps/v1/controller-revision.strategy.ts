import { fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkNonNegative, type Errors, immutableMessage } from '../../field-checks';

/** A snapshot of what a workload was: once written, only its revision number may move. */
export const controllerRevisionStrategy: Strategy<appsv1.ControllerRevision> = {
  validate: (_ctx, revision) => validateControllerRevision(revision),
  validateUpdate: (_ctx, revision, old) => {
    const errors = validateControllerRevision(revision);
    if (!semanticEqual(revision.data, old.data))
      errors.push(fieldErrors.invalid(fieldPath('data'), revision.data, immutableMessage));
    return errors;
  },
};

function validateControllerRevision(revision: appsv1.ControllerRevision): Errors {
  const errors: Errors = [];
  if (revision.data === undefined || revision.data === null)
    errors.push(fieldErrors.required(fieldPath('data'), 'data is mandatory'));
  checkNonNegative(errors, fieldPath('revision'), revision.revision);
  return errors;
}
