import { labelSelectorFromMap, noLabel } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import type { ControllerRow } from '../controller-context';
import { parsedOnce } from '../ownership/selector-cache';
import { startReplicaController } from '../replica-set/replica-controller';
import type { ReplicaKind } from '../replica-set/replica-kind';

/** The elder sibling of ReplicaSets: it selects by labels alone (pkg/controller/replication). */
const replicationControllers: ReplicaKind = {
  ref: refs.replicationControllers,
  queue: 'replicationmanager',
  component: 'replication-controller',
  selectors: () =>
    parsedOnce((owner) => {
      const selector = labelSelectorFromMap((owner as corev1.ReplicationController).spec?.selector);
      return selector.empty ? noLabel() : selector;
    }),
  countsTerminating: false,
};

export const replicationController: ControllerRow = {
  name: 'replicationcontroller-controller',
  serviceAccount: 'replication-controller',
  start: (context) => startReplicaController(replicationControllers, context),
};
