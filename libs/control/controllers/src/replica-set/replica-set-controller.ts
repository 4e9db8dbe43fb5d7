import type { LabelSelector } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import type { ControllerRow } from '../controller-context';
import { selectorCache } from '../ownership/selector-cache';
import { startReplicaController } from './replica-controller';
import type { ReplicaKind, ReplicaOwner } from './replica-kind';

const replicaSets: ReplicaKind = {
  ref: refs.replicaSets,
  queue: 'replicaset',
  component: 'replicaset-controller',
  selectors: () => selectorCache() as (owner: ReplicaOwner) => LabelSelector,
  countsTerminating: true,
};

export const replicaSetController: ControllerRow = {
  name: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',
  start: (context) => startReplicaController(replicaSets, context),
};
