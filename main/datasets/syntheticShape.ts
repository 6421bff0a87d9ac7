/**
 * Outlines of the things that cover each other in a synthetic picture: ellipses and convex polygons.
 * The sizes follow the dead-leaves model: Lee, Mumford & Huang 2001, "Occlusion models for natural images", §3.
 */

/** Uniform numbers in [0, 1). */
export type Draw = () => number;

export interface Shape {
  /** Centre and reach in pixels: nothing is covered farther away than `reach`. */
  readonly x: number;
  readonly y: number;
  readonly reach: number;
  /** Signed distance to the outline, about pixels, negative inside; (dx, dy) is taken from the centre. */
  readonly distance: (dx: number, dy: number) => number;
}

const smallestRadius = 0.07;
const largestRadius = 0.7;

/** A random outline somewhere on, or a little beside, a picture of `size` × `size` pixels. */
export function drawShape(size: number, draw: Draw): Shape {
  const x = (draw() * 1.2 - 0.1) * size;
  const y = (draw() * 1.2 - 0.1) * size;
  const radius = drawRadius(draw) * size;
  const angle = draw() * 2 * Math.PI;
  const aspect = 0.35 + 0.65 * draw();
  const isPolygon = draw() < 0.45;
  const outline = isPolygon ? createPolygon(radius, aspect, draw) : createEllipse(radius, aspect);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  // A corner of a triangle stands at twice the distance of its sides.
  const reach = (isPolygon ? 2.5 : 1) * radius + 2;
  return { x, y, reach, distance: (dx, dy) => outline(cos * dx + sin * dy, cos * dy - sin * dx) };
}

/** Density ∝ radius^−2: between the scale-invariant law of dead leaves (−3) and equal numbers per octave (−1). */
function drawRadius(draw: Draw): number {
  return 1 / (1 / smallestRadius + draw() * (1 / largestRadius - 1 / smallestRadius));
}

function createEllipse(radius: number, aspect: number): Shape['distance'] {
  const minor = radius * aspect;
  return (dx, dy) => (Math.sqrt((dx / radius) ** 2 + (dy / minor) ** 2) - 1) * minor;
}

/** Three to six sides, stretched by `aspect`. */
function createPolygon(radius: number, aspect: number, draw: Draw): Shape['distance'] {
  const sides = 3 + Math.floor(draw() * 4);
  const turn = draw() * 2 * Math.PI;
  const normals = Array.from({ length: sides }, (_, side) => {
    const angle = turn + ((side + 0.4 * (draw() - 0.5)) * 2 * Math.PI) / sides;
    return { x: Math.cos(angle), y: Math.sin(angle) };
  });
  return (dx, dy) => {
    let farthest = -Infinity;
    for (const normal of normals)
      farthest = Math.max(farthest, normal.x * dx + (normal.y * dy) / aspect - radius);
    return farthest * aspect;
  };
}
