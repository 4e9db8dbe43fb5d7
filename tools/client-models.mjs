import path from 'node:path';
import { unpackedPackage } from './unpacked-package.mjs';

/**
 * What the official client for JavaScript is generated from is the OpenAPI of one version of Kubernetes: its models have the fields, its
 * calls the paths and verbs. It is read, never run: this version wants a newer Node than Reckon does.
 */
const source = {
  package: '@kubernetes/client-node',
  version: '2.0.1',
  integrity: 'sha512-evJgmEtgArEYlj6DNkMGjK41IrFK/hEwb5lWVxx0VRBWybQpnvi+2TtA19mLgVfRHfqX5yjHObX6e9W7LEZBjw==',
};

/**
 * The folder with `models/` and `apis/`, fetched when it is missing.
 *
 * @returns {Promise<string>}
 */
export async function fetchClientModels() {
  const folder = await unpackedPackage(source, /^dist\/gen\/(?:models\/\w+\.(?:d\.ts|js)|apis\/\w+\.js)$/);
  return path.join(folder, 'dist/gen');
}
