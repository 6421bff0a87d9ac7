/** Detects a checkout in a folder whose path the build tools cannot handle. */

/** Vite interprets these as the end of a path or as a pattern. */
const unbuildable = /[#?*]|\p{Cc}/gu;

/**
 * Returns what is wrong with the path, and how to fix it; null if the application can be built.
 * @param {string} root the checkout
 * @returns {{ found: string, fix: string } | null}
 */
export function findPathObstacle(root) {
  const found = [...new Set(root.match(unbuildable))].map((sign) =>
    sign < ' ' ? 'a line break' : `"${sign}"`,
  );
  if (found.length === 0) return null;
  return {
    found: `cannot be built in ${root}: its path contains ${found.join(' and ')}`,
    fix: `Move or rename that folder so that its path has no ${found.join(' or ')}. The commands of "npm run lab" work there as well`,
  };
}

/**
 * Returns the same as one message; null if the application can be built.
 * @param {string} root the checkout
 */
export function explainPathObstacle(root) {
  const obstacle = findPathObstacle(root);
  return (
    obstacle && `The application ${obstacle.found}, which its build tools do not support. ${obstacle.fix}.`
  );
}
