import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/**
 * True when node_modules holds what package-lock.json asks for. npm writes the same list of packages into
 * node_modules as the last step of an install; times are no help, since a checkout touches the one and not the other.
 */
export function isInstalled() {
  const wanted = packages('package-lock.json');
  const present = packages('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([folder, { version, integrity, optional }]) => {
    if (folder === '') return true;
    const found = present[folder];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

/**
 * @param {string} file
 * @returns {Packages | undefined}
 */
function packages(file) {
  try {
    const lock = /** @type {{ packages?: Packages }} */ (JSON.parse(readFileSync(path.join(root, file), 'utf8')));
    return lock.packages;
  } catch {
    return undefined; // Missing or cut short: not installed.
  }
}

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages */
