import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1, autoscalingv1 } from '@reckon/api/types';
import { parseObject } from '@reckon/api/kinds';
import type { ResourceStore } from '@reckon/registry/generic';
import { applyScale, scaleOf } from '@reckon/registry/kinds';
import type { SubresourceCall, SubresourceHandler } from '@reckon/serve/http';

type Scalable = appsv1.Deployment | appsv1.ReplicaSet;

/** `…/scale` of a workload: another kind (autoscaling/v1.Scale) that shows and sets its replicas (registry/apps/…/storage.ScaleREST). */
export function scaleHandler(store: ResourceStore): SubresourceHandler {
  return async (call) => {
    if (call.verb === 'get') {
      const stored = await store.get(call.namespace, call.name, { resourceVersion: '' });
      return { code: 200, object: scaleOf(stored.parse() as unknown as Scalable) };
    }
    const written = await store.update(
      call.ctx,
      call.namespace,
      call.name,
      'scale',
      { next: async (current) => withReplicas(call, current), operation: 'Update', mayCreate: false },
      call.options,
    );
    return { code: 200, object: scaleOf(parseObject(written.bytes) as Scalable) };
  };
}

async function withReplicas(call: SubresourceCall, current: KubeObject | undefined): Promise<KubeObject> {
  if (current === undefined) throw new Error('the store updates what exists');
  const scale = call.patch === undefined ? call.object : await call.patch(scaleOf(current as Scalable));
  if (scale === undefined) throw new Error('an update without a body');
  applyScale(current as Scalable, scale as autoscalingv1.Scale);
  return current;
}
