import { unpackedPackage } from './unpacked-package.mjs';

/**
 * Types whose comments are the documentation of the API, paragraphs and all, also of fields that are objects (the official client has
 * none for those). Of the same version of Kubernetes as `client-models.mjs`.
 */
const sources = [
  {
    package: 'kubernetes-models',
    version: '5.1.0',
    integrity: 'sha512-ym4Kiyr8BzGIWj4f853ytVYES1B8C1BdONRP5zodItPD1o//OEKuTwC5nFV3ZJtFGeMqOFbIYkpunSVXSlHS8g==',
  },
  {
    package: '@kubernetes-models/apimachinery',
    version: '3.0.2',
    integrity: 'sha512-6Vbzr/tinxPBGGdfYjXiV9WPj8PEhyiqGJiWhXrsihK7h6glPj4HKUxZ0YwYXH/5uucm/NVef/xY3vZ4Crj1Fg==',
  },
];

/**
 * Folders of `<group>/<version>/<Type>.d.ts`, of the API's own types and of what they share; fetched when they are missing.
 *
 * @returns {Promise<readonly string[]>}
 */
export const fetchDescribedTypes = () =>
  Promise.all(sources.map((source) => unpackedPackage(source, /^(?!_schemas)(?:[\w.]+\/)+[A-Z]\w*\.d\.ts$/)));
