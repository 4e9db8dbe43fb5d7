import type { corev1 } from '@reckon/api/types';
import type { Random } from '@reckon/kernel';
import type { Strategy } from '@reckon/registry/generic';
import { validateLimitRange } from './limit-range.validation';
import { fillResourceList, roundResourceList } from './resource-list';

/** SetDefaults_LimitRangeItem: for containers, the maximum is the default limit, and that the default request. */
function setItemDefaults(item: corev1.LimitRangeItem): void {
  roundResourceList(item.max);
  roundResourceList(item.min);
  roundResourceList(item.default);
  roundResourceList(item.defaultRequest);
  roundResourceList(item.maxLimitRequestRatio);
  if (item.type !== 'Container') return;
  const limits = fillResourceList(item.default, item.max);
  const requests = fillResourceList(fillResourceList(item.defaultRequest, limits), item.min);
  if (limits !== item.default && isFilled(limits)) item.default = limits;
  if (requests !== item.defaultRequest && isFilled(requests)) item.defaultRequest = requests;
}

const isFilled = (list: Record<string, string> | undefined): list is Record<string, string> =>
  list !== undefined && Object.keys(list).length > 0;

export const limitRangeStrategy = (random: Random): Strategy<corev1.LimitRange> => ({
  allowCreateOnUpdate: true,
  defaults: (range) => {
    for (const item of range.spec?.limits ?? []) setItemDefaults(item);
  },
  prepareForCreate: (_ctx, { metadata }) => {
    // The one kind whose name may simply be left out.
    if (!metadata.name && !metadata.generateName) metadata.name = random.uuid();
  },
  validate: (_ctx, range) => validateLimitRange(range),
  validateUpdate: (_ctx, range) => validateLimitRange(range),
});
