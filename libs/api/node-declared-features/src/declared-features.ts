import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

/** A feature that nodes declare for as long as it is new, so that nobody asks it of a node which does not have it yet. */
interface DeclaredFeature {
  readonly name: string;
  /** Whether a kubelet of v1.36 has it, its feature gates as they are from the start. */
  readonly isOnByDefault: boolean;
  /** Whether a pod needs it wherever it is placed; absent: no pod does. */
  neededToRun?(spec: corev1.PodSpec): boolean;
  /** Whether a pod that is changed so needs it of the node where it is; absent: no change does. */
  neededToChange?(before: corev1.PodSpec, after: corev1.PodSpec): boolean;
}

/**
 * The features of v1.36, by name (k8s.io/component-helpers/nodedeclaredfeatures/features `AllFeatures`). None of them has a version yet
 * from which every node is known to have it (`MaxVersion`).
 */
const features: readonly DeclaredFeature[] = [
  // Asked for by the apiserver alone, when it leads a client to a kubelet.
  { name: 'ExtendWebSocketsToKubelet', isOnByDefault: true },
  {
    name: 'InPlacePodLevelResourcesVerticalScaling',
    isOnByDefault: true,
    neededToChange: (before, after) => !semanticEqual(before.resources, after.resources),
  },
  {
    name: 'InPlacePodVerticalScalingInitContainers',
    isOnByDefault: true,
    neededToChange: ({ initContainers: before = [] }, { initContainers: after = [] }) =>
      before.some(
        (container, index) =>
          // Sidecars could be resized before this feature came.
          container.restartPolicy !== 'Always' &&
          !semanticEqual(container.resources ?? {}, after[index]?.resources ?? {}),
      ),
  },
  {
    name: 'RestartAllContainersOnContainerExits',
    isOnByDefault: true,
    neededToRun: ({ containers, initContainers = [] }) =>
      [containers, initContainers].some((list) =>
        list.some((container) => container.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers')),
      ),
  },
  {
    name: 'UserNamespacesHostNetworkSupport',
    isOnByDefault: false,
    neededToRun: ({ hostNetwork, hostUsers }) => hostNetwork === true && hostUsers === false,
  },
];

const none: readonly string[] = [];
const namesOf = (is: (feature: DeclaredFeature) => boolean | undefined): readonly string[] => {
  const names = features.filter((feature) => is(feature) === true).map(({ name }) => name);
  return names.length === 0 ? none : names;
};

/** What a node of v1.36 declares that nobody has configured, in order (`Framework.DiscoverNodeFeatures`). */
export const defaultDeclaredFeatures: readonly string[] = namesOf(({ isOnByDefault }) => isOnByDefault);

/** What a pod needs of its node to be placed there (`Framework.InferForPodScheduling`). */
export const featuresToRun = (spec: corev1.PodSpec | undefined): readonly string[] =>
  spec === undefined ? none : namesOf((feature) => feature.neededToRun?.(spec));

/** What the change of a pod needs of the node where it is (`Framework.InferForPodUpdate`). */
export const featuresToChange = (
  before: corev1.PodSpec | undefined,
  after: corev1.PodSpec | undefined,
): readonly string[] =>
  before === undefined || after === undefined ? none : namesOf((feature) => feature.neededToChange?.(before, after));

/** Those of the needed features that a node does not declare (`Framework.MatchNode`). */
export const undeclaredFeatures = (
  needed: readonly string[],
  declared: readonly string[] | undefined = none,
): readonly string[] => needed.filter((name) => !declared.includes(name));
