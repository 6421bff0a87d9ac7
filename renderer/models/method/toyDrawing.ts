/** Draws what one toy has learned: data, field, trajectories and samples at a time t. */

import { runPalette } from '../../../shared/charts/runColours.ts';
import type { ChartTheme } from '../charts/chartTheme.ts';
import type { LearnedField } from './toyWorker.ts';

export interface ToyPlane {
  readonly learned: LearnedField;
  /** Points [N, 2] of the data. */
  readonly data: Float32Array;
  /** 0 (noise) to 1 (data). */
  readonly time: number;
  /** Places along each axis of the grid of the field, and the largest coordinate that is shown. */
  readonly grid: { readonly size: number; readonly range: number };
}

/** Seconds from noise to data while t plays, and of rest at the data. */
const playSeconds = 3;
const restSeconds = 1;

/** Returns the seconds of play at a time; a play begins again at the data. */
export function startOfPlay(time: number): number {
  return time === 1 ? 0 : time * playSeconds;
}

/** Returns the seconds of play after `seconds` more; a play repeats. */
export function playFor(clock: number, seconds: number): number {
  return (clock + seconds) % (playSeconds + restSeconds);
}

/** Returns t, 0 (noise) to 1 (data), after some seconds of play. */
export function timeOfPlay(clock: number): number {
  return Math.min(1, clock / playSeconds);
}

/** Number of trajectories that are drawn as lines. */
const drawnTrajectories = 40;

/** A square of `side` CSS pixels, and where coordinates of the plane lie in it. */
interface Sheet {
  readonly context: OffscreenCanvasRenderingContext2D;
  readonly side: number;
  readonly place: (x: number) => number;
  /** The second axis points up. */
  readonly drop: (y: number) => number;
}

/** Size and colours of a drawing. */
export interface ToyLook {
  /** CSS pixels. */
  readonly side: number;
  /** Pixels of the screen per CSS pixel. */
  readonly ratio: number;
  readonly theme: ChartTheme;
}

/**
 * Returns a function that draws a plane on a canvas. The data are the same in every frame and on every canvas: they are
 * drawn once and copied, until they, the size or the colours change.
 */
export function createToyPainter(): (canvas: OffscreenCanvas, plane: ToyPlane, look: ToyLook) => void {
  let layer: { readonly data: Float32Array; readonly look: ToyLook; readonly image: OffscreenCanvas } | null =
    null;
  return (canvas, plane, look) => {
    if (layer?.data !== plane.data || layer.look !== look)
      layer = { data: plane.data, look, image: drawData(plane, look) };
    const context = openCanvas(canvas, look);
    context.resetTransform();
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(layer.image, 0, 0);
    const sheet = layOut(context, plane, look);
    const [sampleColour, fieldColour] = runPalette.map(({ light, dark }) =>
      look.theme.isDark ? dark : light,
    );
    drawField(sheet, plane, fieldColour);
    drawTrajectories(sheet, plane, sampleColour);
  };
}

/** Gives a canvas the size of a look. */
function openCanvas(canvas: OffscreenCanvas, { side, ratio }: ToyLook): OffscreenCanvasRenderingContext2D {
  const pixels = Math.round(side * ratio);
  if (canvas.width !== pixels) [canvas.width, canvas.height] = [pixels, pixels];
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot draw on a canvas in the background.');
  return context;
}

function layOut(
  context: OffscreenCanvasRenderingContext2D,
  { grid: { range } }: ToyPlane,
  { side, ratio }: ToyLook,
): Sheet {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const place = (value: number) => ((value + range) / (2 * range)) * side;
  return { context, side, place, drop: (value) => side - place(value) };
}

function drawData(plane: ToyPlane, look: ToyLook): OffscreenCanvas {
  const image = new OffscreenCanvas(1, 1);
  const { context, place, drop } = layOut(openCanvas(image, look), plane, look);
  context.strokeStyle = look.theme.muted;
  context.globalAlpha = 0.55;
  for (let row = 0; row < plane.data.length / 2; row++)
    context.strokeRect(place(plane.data[2 * row]) - 1.5, drop(plane.data[2 * row + 1]) - 1.5, 3, 3);
  return image;
}

function drawField({ context, side }: Sheet, { learned, grid, time }: ToyPlane, colour: string): void {
  const cell = side / (grid.size - 1);
  context.strokeStyle = colour;
  // Wider lines and round caps are drawn as filled shapes without a graphics card, which takes most of a frame.
  context.lineWidth = 1;
  context.beginPath();
  for (let index = 0; index < grid.size ** 2; index++) {
    const [x, y] = fieldAt(learned.field, index, time);
    const speed = Math.hypot(x, y);
    if (!(speed > 0)) continue;
    // Arrows of fast places do not reach the next ones.
    const length = (0.8 * cell * Math.tanh(speed / 2.5)) / speed;
    const from = { x: (index % grid.size) * cell, y: side - Math.floor(index / grid.size) * cell };
    drawArrow(context, from, { x: x * length, y: -y * length });
  }
  context.stroke();
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function drawArrow(context: OffscreenCanvasRenderingContext2D, { x, y }: Place, along: Place): void {
  const tip = { x: x + along.x, y: y + along.y };
  context.moveTo(x, y);
  context.lineTo(tip.x, tip.y);
  for (const turn of [-0.2, 0.2]) {
    context.moveTo(tip.x, tip.y);
    context.lineTo(tip.x - 0.3 * along.x + turn * along.y, tip.y - 0.3 * along.y - turn * along.x);
  }
}

function drawTrajectories(
  { context, place, drop }: Sheet,
  { learned: { states, lastTime }, time }: ToyPlane,
  colour: string,
): void {
  const reached = Math.min(time / lastTime, 1) * (states.length - 1);
  const whole = Math.floor(reached);
  const [before, after] = [states[whole], states[Math.min(whole + 1, states.length - 1)]];
  const at = (index: number) => before[index] + (reached - whole) * (after[index] - before[index]);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  for (let row = 0; row < drawnTrajectories; row++) {
    context.moveTo(place(states[0][2 * row]), drop(states[0][2 * row + 1]));
    for (const state of states.slice(1, whole + 1))
      context.lineTo(place(state[2 * row]), drop(state[2 * row + 1]));
    context.lineTo(place(at(2 * row)), drop(at(2 * row + 1)));
  }
  context.stroke();
  context.globalAlpha = 1;
  for (let row = 0; row < states[0].length / 2; row++) {
    context.beginPath();
    context.arc(place(at(2 * row)), drop(at(2 * row + 1)), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Returns the velocity at a place of the grid, interpolated between the times at which it is known. */
function fieldAt(field: readonly Float32Array[], index: number, time: number): readonly [number, number] {
  const reached = time * (field.length - 1);
  const whole = Math.min(Math.floor(reached), field.length - 2);
  const weight = reached - whole;
  const [before, after] = [field[whole], field[whole + 1]];
  const mix = (axis: number) =>
    before[2 * index + axis] + weight * (after[2 * index + axis] - before[2 * index + axis]);
  return [mix(0), mix(1)];
}

/** Describes what the image of one method shows, for those who do not see it. */
export function describeToy(title: string, { straightness, distance, evaluations }: LearnedField): string {
  return `${title}: squares are the data, arrows the learned velocity, circles 128 samples on their way from noise, lines their trajectories. Straightness ${straightness.toFixed(2)}; distance of the samples to the data ${distance.toFixed(3)} after ${evaluations} function evaluations.`;
}
