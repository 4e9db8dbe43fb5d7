import { parseObject } from '@reckon/api/kinds';
import {
  deleteOptionsFromObject,
  fieldErrors,
  fieldPath,
  type KubeObject,
  reasonOf,
  type StatusError,
  statusErrors,
  validateDeleteOptions,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type DeleteOptions, plainFailure, type ResourceStore } from '@reckon/registry/generic';
import { markEvicted, mustStayAsMarked } from '@reckon/registry/kinds';
import type { SubresourceCall, SubresourceHandler } from '@reckon/serve/http';
import { createdStatus } from './created-status';

/** Admission is asked about the Eviction; what follows from it passes none of its own. */
const unasked = { mutate: () => undefined, validate: () => undefined };

/** How often a pod that changes under an eviction is marked anew (upstream's EvictionsRetry, without its pauses). */
const tries = 20;

type GivenOptions = DeleteOptions & { readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean | null };

/**
 * `pods/eviction`: notes on the pod why it goes, then deletes it with the options of the Eviction (registry/core/pod/storage
 * `EvictionREST`). The pod's disruption budget is asked, and pays, in the append of the note (`evictionStrategy`).
 */
export function evictionHandler(pods: ResourceStore): SubresourceHandler {
  return async (call) => {
    const eviction = call.object as (KubeObject & { deleteOptions?: GivenOptions }) | undefined;
    await call.options.admission.mutate(eviction, undefined);
    if (eviction?.metadata.name !== call.name)
      throw statusErrors.badRequest('name in URL does not match name in Eviction object');
    const deleteOptions = eviction.deleteOptions ?? {};
    if (deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential === true) throw notForEvictions(call.name);
    const isAskedDry = isDryRun(call.options.dryRun, deleteOptions.dryRun ?? []);
    await call.options.admission.validate(eviction, undefined);

    // A deletion that will be refused leaves no mark and costs no budget.
    const dryRun = isAskedDry || validateDeleteOptions(deleteOptions).length > 0;
    for (let left = tries; ; left--) {
      const marked = await mark(call, pods, deleteOptions.preconditions ?? {}, dryRun);
      deleteOptionsFromObject(deleteOptions);
      const { options, isOurs } = optionsFor(deleteOptions, marked, dryRun);
      try {
        const write = { ...call.options, dryRun, admission: unasked };
        await pods.delete(call.ctx, call.namespace, call.name, options, write);
        return createdStatus;
      } catch (error) {
        // Ready all of a sudden, perhaps: then its budget is asked after all.
        if (!isOurs || left <= 1 || reasonOf(error) !== 'Conflict') throw error;
      }
    }
  };
}

/** Whatever the Eviction holds makes it a dry run (what is not known is refused by the deletion), and the request must agree. */
function isDryRun(isAsked: boolean, own: readonly string[]): boolean {
  if (isAsked && own.length > 0 && own.join(' ') !== 'All')
    throw plainFailure(`Non-matching dry-run options in request and content: [All] and [${own.join(' ')}]`);
  return isAsked || own.length > 0;
}

const notForEvictions = (podName: string): StatusError => {
  const option = 'ignoreStoreReadErrorWithClusterBreakingPotential';
  const why = 'can not be set for pod eviction, try after removing the option';
  return statusErrors.invalid({ group: 'policy', kind: 'Eviction' }, podName, [
    fieldErrors.invalid(fieldPath('deleteOptions', option), true, why),
  ]);
};

/** `isOurs`: the version was made a condition of the deletion by us and not by the client. */
function optionsFor(
  wanted: DeleteOptions,
  marked: KubeObject & corev1.Pod,
  dryRun: boolean,
): { readonly options: DeleteOptions; readonly isOurs: boolean } {
  const { resourceVersion = '' } = marked.metadata;
  const isAsked = Boolean(wanted.preconditions?.resourceVersion);
  // Nothing was written that could have changed the version.
  if (dryRun || (!isAsked && !mustStayAsMarked(marked))) return { options: { ...wanted }, isOurs: false };
  // The version that the client named has just been followed by ours.
  return { options: { ...wanted, preconditions: { ...wanted.preconditions, resourceVersion } }, isOurs: !isAsked };
}

/** Adds the condition DisruptionTarget to the newest state of the pod; answers what became of it. */
async function mark(
  { ctx, namespace, name, options }: SubresourceCall,
  pods: ResourceStore,
  wanted: NonNullable<DeleteOptions['preconditions']>,
  dryRun: boolean,
): Promise<KubeObject & corev1.Pod> {
  const next = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw new Error('the store updates what exists');
    const { uid = '', resourceVersion = '' } = current.metadata;
    for (const [what, given, own, fate] of [
      ['UID', wanted.uid, uid, 'deleted and then recreated'],
      ['ResourceVersion', wanted.resourceVersion, resourceVersion, 'modified'],
    ] as const)
      if (given && given !== own)
        throw statusErrors.conflict(
          { group: '', resource: 'Pod' },
          name,
          `the ${what} in the precondition (${given}) does not match the ${what} in record (${own}). The object might have been ${fate}`,
        );
    markEvicted(ctx, current);
    return current;
  };
  const intent = { next, operation: 'Update', mayCreate: false } as const;
  const write = { ...options, dryRun, admission: unasked };
  const { bytes } = await pods.update(ctx, namespace, name, 'eviction', intent, write);
  return parseObject(bytes);
}
