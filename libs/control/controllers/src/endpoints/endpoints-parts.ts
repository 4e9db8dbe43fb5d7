import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import type { Controller } from '@reckon/control/runtime';
import type { ControllerContext } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { type Service, onPodChange } from './service-pods';
import { TriggerTimes } from './trigger-times';
import { UpdatePace } from './update-pace';

/** What Endpoints and EndpointSlices are both made from. */
export interface EndpointsInputs {
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
}

/** What both reconcilers have. */
export interface EndpointsParts {
  readonly context: ControllerContext;
  readonly services: Lister<Service>;
  readonly pods: Lister<Pod>;
  readonly triggerTimes: TriggerTimes;
  readonly pace: UpdatePace;
}

export const endpointsInputs = ({ informers }: ControllerContext): EndpointsInputs => ({
  services: informers.informer<Service>(refs.services),
  pods: informers.informer<Pod>(refs.pods),
});

export const endpointsParts = (context: ControllerContext, { services, pods }: EndpointsInputs): EndpointsParts => ({
  context,
  services: services.lister,
  pods: pods.lister,
  triggerTimes: new TriggerTimes(),
  pace: new UpdatePace(),
});

/** Enqueues every Service that comes, changes or goes, and those whose endpoints a pod may alter. */
export function enqueueServices({ services, pods }: EndpointsInputs, controller: Pick<Controller, 'enqueue'>): void {
  const enqueue = (service: Service): void => {
    controller.enqueue(objectKey(service));
  };
  services.addHandler({
    add: enqueue,
    update: (_, service) => {
      enqueue(service);
    },
    delete: enqueue,
  });
  onPodChange(pods, services.lister, (key) => {
    controller.enqueue(key);
  });
}
