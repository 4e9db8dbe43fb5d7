import type { ControllerRow } from './controller-context';
import { deploymentController } from './deployment/deployment-controller';
import { namespaceController } from './namespace/namespace-controller';
import { replicaSetController } from './replica-set/replica-set-controller';
import { rootCaPublisher } from './root-ca-publisher/root-ca-publisher';
import { serviceAccountController } from './service-account/service-account-controller';
import { serviceAccountTokenController } from './service-account-token/service-account-token-controller';

/** Every controller, in upstream's order of starting (cmd/kube-controller-manager/app `ControllersDescriptors`). */
export const controllerTable: readonly ControllerRow[] = [
  serviceAccountTokenController,
  serviceAccountController,
  rootCaPublisher,
  namespaceController,
  deploymentController,
  replicaSetController,
];
