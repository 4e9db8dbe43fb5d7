import { fieldErrors, fieldPath, nameIsDnsLabel, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { nameRule } from '../../name-rule';
import type { Errors } from '../../field-checks';
import { keepSpec, keepStatus } from '../../status-keeping';
import { checkFinalizerName } from './finalizer-name';

const nameLabel = 'kubernetes.io/metadata.name';

/** SetDefaults_Namespace: every namespace can be selected by its name. A name yet to be generated comes with the next step. */
function setNamespaceDefaults(namespace: corev1.Namespace): void {
  labelWithName(namespace);
  const status = (namespace.status ??= {});
  if (!status.phase) status.phase = 'Active';
}

function labelWithName({ metadata }: corev1.Namespace): void {
  if (metadata.name) (metadata.labels ??= {})[nameLabel] = metadata.name;
}

export const namespaceStrategy: Strategy<corev1.Namespace> = {
  defaults: setNamespaceDefaults,
  nameRule: nameRule(nameIsDnsLabel),
  prepareForCreate: (_ctx, namespace) => {
    namespace.status = { phase: 'Active' };
    // Upstream cannot default this: the finalizer is taken away over the life of the object.
    const finalizers = namespace.spec?.finalizers ?? [];
    if (!finalizers.includes('kubernetes')) finalizers.push('kubernetes');
    (namespace.spec ??= {}).finalizers = finalizers;
    labelWithName(namespace);
  },
  validate: (_ctx, namespace) => validateFinalizers([], namespace, false),
  prepareForUpdate: (_ctx, namespace, old) => {
    // Finalizers are all that there is, and `finalize` alone may change them.
    namespace.spec = old.spec ?? {};
    keepStatus(namespace, old);
    labelWithName(namespace);
  },
  validateUpdate: (_ctx, namespace) => validateFinalizers([], namespace, false),
  returnsDeletedObject: true,
  interceptDelete: (ctx, namespace) => {
    if (namespace.metadata.deletionTimestamp === undefined) {
      // Nothing is removed yet: the namespace controller empties it, then finalizes it.
      namespace.metadata.deletionTimestamp = timeText(ctx.nowMs);
      (namespace.status ??= {}).phase = 'Terminating';
      return 'update';
    }
    return isEmptied(namespace) ? 'delete' : 'keep';
  },
  mayDeleteDuringUpdate: isEmptied,
};

function isEmptied(namespace: corev1.Namespace): boolean {
  return (namespace.spec?.finalizers ?? []).length === 0;
}

/** Which finalizer is wrong is only said where upstream says it: by the finalize subresource. */
function validateFinalizers(errors: Errors, namespace: corev1.Namespace, indexed: boolean): Errors {
  const path = fieldPath('spec', 'finalizers');
  for (const [index, name] of (namespace.spec?.finalizers ?? []).entries())
    checkFinalizerName(errors, indexed ? path.index(index) : path, name);
  return errors;
}

export const namespaceStatusStrategy: Strategy<corev1.Namespace> = {
  mayDeleteDuringUpdate: isEmptied,
  prepareForUpdate: keepOldSpec,
  validateUpdate: (_ctx, namespace) => {
    const phase = namespace.status?.phase ?? '';
    const path = fieldPath('status', 'Phase');
    if (namespace.metadata.deletionTimestamp === undefined) {
      if (phase !== 'Active')
        return [fieldErrors.invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")];
    } else if (phase !== 'Terminating')
      return [fieldErrors.invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
    return [];
  },
};

function keepOldSpec(_ctx: unknown, namespace: corev1.Namespace, old: corev1.Namespace): void {
  keepSpec(namespace, old);
}

/** The one way to change `spec.finalizers`. */
export const namespaceFinalizeStrategy: Strategy<corev1.Namespace> = {
  prepareForUpdate: (_ctx, namespace, old) => keepStatus(namespace, old),
  validateUpdate: (_ctx, namespace) => validateFinalizers([], namespace, true),
  mayDeleteDuringUpdate: isEmptied,
};
