/** Checks node_modules against package-lock.json without running npm. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Optional, so that an install script or a missing download cannot make npm fail, but wanted on every system. */
const wantedOptional = [
  'node_modules/@tensorflow/tfjs-node-gpu',
  'node_modules/@tensorflow/tfjs-backend-webgpu',
  'node_modules/webgpu',
];

/**
 * Returns a hash of everything that determines which packages are installed.
 * @param {string} root the checkout
 */
export function hashPackages(root) {
  const hash = createHash('sha256');
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, name)));
  return hash.digest('hex');
}

/**
 * Whether npm finished its last installation: it writes this file last.
 * @param {string} root the checkout
 */
export function hasWholeTree(root) {
  return existsSync(hiddenLock(root));
}

/**
 * Whether node_modules holds every package in the locked version.
 * @param {string} root the checkout
 */
export function isTreeAsLocked(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(hiddenLock(root));
  const needed = Object.keys(wanted).filter(
    (path) => path !== '' && (!wanted[path].optional || wantedOptional.includes(path)),
  );
  return (
    needed.length > 0 &&
    needed.every((path) => present[path]?.version === wanted[path].version) &&
    needed.every((path) => existsSync(join(root, path, 'package.json')))
  );
}

/** @param {string} root */
function hiddenLock(root) {
  return join(root, 'node_modules', '.package-lock.json');
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(file) {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).packages ?? {}) : {};
}
