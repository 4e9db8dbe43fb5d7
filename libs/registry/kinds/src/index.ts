export * from './apps/v1/scale';
export * from './core/v1/pod/binding';
export * from './core/v1/pod/eviction';
export { gracePeriodOf } from './core/v1/pod/pod.strategy';
export { qosClassOf, type QosClass } from './core/v1/pod/qos-class';
export * from './core/v1/service/address-range';
export * from './strategies';
