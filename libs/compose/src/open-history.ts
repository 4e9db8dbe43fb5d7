/** What the history commands need of the rest; apart from `index.ts`, so that they do not load a whole cluster. */
export { importHistory } from './import-history';
export { mergeShapes } from './merge-shapes';
export { openLogHistory } from './log-history';
