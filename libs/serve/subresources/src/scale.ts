import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { parseObject } from '@reckon/api/kinds';
import { type ResourceStore, type UpdateIntent, matchName } from '@reckon/registry/generic';
import { applyScale, scaleOf } from '@reckon/registry/kinds';
import type { Application, SubresourceCall, SubresourceHandler } from '@reckon/serve/http';
import { configurationOfScale } from './apply-scale';

const scaleIn = (object: KubeObject | undefined): KubeObject | undefined =>
  object === undefined ? undefined : scaleOf(object);

/** `…/scale` of a workload: another kind (autoscaling/v1.Scale) that shows and sets its replicas (registry/apps/…/storage.ScaleREST). */
export function scaleHandler(store: ResourceStore): SubresourceHandler {
  return async (call) => {
    if (call.verb === 'get') {
      const stored = await store.get(call.namespace, call.name, { resourceVersion: '' });
      return { code: 200, object: scaleOf(stored.parse()) };
    }
    const { admission } = call.options;
    const written = await store.update(call.ctx, call.namespace, call.name, 'scale', intentOf(call), {
      ...call.options,
      admission: {
        // Otherwise asked in `withReplicas`, where it can still change the Scale.
        mutate: (object, old) =>
          call.application === undefined ? undefined : admission.mutate(scaleIn(object), scaleIn(old)),
        validate: (object, old) => admission.validate(scaleIn(object), scaleIn(old)),
      },
    });
    return { code: 200, object: scaleOf(parseObject(written.bytes)) };
  };
}

function intentOf(call: SubresourceCall): UpdateIntent {
  const { application } = call;
  if (application === undefined)
    return { next: (current) => withReplicas(call, current), operation: 'Update', mayCreate: false };
  return {
    next: (_current, apply) => apply(ofTheObject(call, application)),
    operation: 'Apply',
    mayCreate: false,
  };
}

/** Fields of a Scale are owned as those of the object that they stand for (apimachinery/pkg/util/managedfields `ScaleHandler`). */
const ofTheObject = (call: SubresourceCall, application: Application): Application => ({
  ...application,
  config: configurationOfScale(application.config, call.row),
});

/** The object with what the Scale says. Runs again after a lost race. */
async function withReplicas(call: SubresourceCall, current: KubeObject | undefined): Promise<KubeObject> {
  if (current === undefined) throw new Error('the store updates what exists');
  const scale = call.patch === undefined ? structuredClone(call.object) : await call.patch(scaleOf(current));
  if (scale === undefined) throw new Error('an update without a body');
  await call.options.admission.mutate(scale, scaleOf(current));
  matchName(scale.metadata, call.name);
  const { uid = '' } = current.metadata;
  const wanted = scale.metadata.uid ?? '';
  if (wanted !== '' && wanted !== uid)
    throw statusErrors.conflict(
      { group: call.row.group, resource: `${call.row.resource}/scale` },
      call.name,
      `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`,
    );
  applyScale(current, scale);
  return current;
}
