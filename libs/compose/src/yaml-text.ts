// CommonJS, so it is bundled through a module of our own; loaded on first use.
export { parse, stringify } from 'yaml';
