export * from './admission-chain';
export * from './admission-forbidden';
export * from './create-admission';
export * from './object-reader';
export * from './plugin';
export { orderedPlugins, type PluginName } from './plugin-names';
