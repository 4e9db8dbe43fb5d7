import { fieldErrors, fieldPath, type FieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { podOf } from '../target';

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
type Spec = corev1.PodSpec;

/**
 * Nobody uses an image that another's rights have brought to a node: it is pulled every time
 * (plugin/pkg/admission/alwayspullimages).
 */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
  admit(attributes) {
    const spec = concerned(attributes);
    if (spec === undefined) return;
    for (const list of lists) for (const container of spec[list] ?? []) container.imagePullPolicy = 'Always';
    for (const { image } of spec.volumes ?? []) if (image != null) image.pullPolicy = 'Always';
  },
  validate(attributes) {
    const spec = concerned(attributes);
    if (spec === undefined) return;
    const check = (path: FieldPath, policy: string | undefined): void => {
      if (policy === 'Always') return;
      throw admissionForbidden(attributes, String(fieldErrors.notSupported(path, policy ?? '', ['Always'])));
    };
    for (const list of lists)
      for (const [i, { imagePullPolicy }] of (spec[list] ?? []).entries())
        check(fieldPath('spec', list).index(i).child('imagePullPolicy'), imagePullPolicy);
    for (const [i, { image }] of (spec.volumes ?? []).entries())
      if (image != null) check(fieldPath('spec', 'volumes').index(i).child('image', 'pullPolicy'), image.pullPolicy);
  },
};

/** A pod that is changed keeps what it has, unless an image is new to it. */
function concerned(attributes: AdmissionAttributes): Spec | undefined {
  const spec = podOf(attributes)?.spec;
  if (spec === undefined || attributes.operation === 'CREATE') return spec;
  const known = imagesOf((attributes.oldObject as corev1.Pod | undefined)?.spec);
  return [...imagesOf(spec)].every((image) => known.has(image)) ? undefined : spec;
}

function imagesOf(spec: Spec | undefined): ReadonlySet<string> {
  const images = new Set<string>();
  for (const list of lists) for (const { image } of spec?.[list] ?? []) images.add(image ?? '');
  return images;
}
