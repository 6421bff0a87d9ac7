/**
 * Radially averaged power spectra: whether a reconstruction has the detail of the truth at every scale. A Hann window keeps
 * opposite borders, which do not match, from looking like fine detail.
 */

import { type Image, imageAt, type ImageBatch } from '../../../shared/images/image.ts';

const channels = 3;

/**
 * Returns the mean power of RGB images at the radial frequencies 1 … ⌊side / 2⌋ (cycles over the shorter side, rounded),
 * over channels and images. The mean of each channel is subtracted first, then a Hann window applied.
 */
export function radialPower(images: ImageBatch): Float64Array {
  const bins = frequencyBins(images);
  const sums = new Float64Array(Math.floor(Math.min(images.height, images.width) / 2));
  const counts = new Float64Array(sums.length);
  for (let index = 0; index < images.count; index++) {
    for (let channel = 0; channel < channels; channel++) {
      const power = channelPower(imageAt(images, index), channel);
      bins.forEach((bin, position) => {
        if (bin < 1 || bin > sums.length) return;
        sums[bin - 1] += power[position];
        counts[bin - 1]++;
      });
    }
  }
  return sums.map((sum, bin) => sum / counts[bin]);
}

/** Returns the root mean square over the frequencies of 10 log₁₀(result / truth), in dB; 0 for equal spectra, null without frequencies. */
export function spectrumError(truth: Float64Array, result: Float64Array): number | null {
  if (truth.length === 0) return null;
  let sum = 0;
  // Keeps the error of a result without any detail finite: the floor is 200 dB below.
  const floor = 1e-20;
  truth.forEach((power, index) => {
    sum += (10 * Math.log10((result[index] + floor) / (power + floor))) ** 2;
  });
  return Math.sqrt(sum / truth.length);
}

/** Returns the bin of every frequency of the transform, row-major. */
function frequencyBins({ height, width }: ImageBatch): Int32Array {
  const side = Math.min(height, width);
  const signed = (index: number, length: number) => (index > length / 2 ? index - length : index) / length;
  return Int32Array.from({ length: height * width }, (_, position) => {
    const y = signed(Math.floor(position / width), height);
    const x = signed(position % width, width);
    return Math.round(Math.hypot(x, y) * side);
  });
}

/** Returns |DFT|² / (height × width) of one windowed channel, row-major. */
function channelPower({ height, width, values }: Image, channel: number): Float64Array {
  const real = Float64Array.from({ length: height * width }, (_, i) => values[i * channels + channel]);
  const mean = real.reduce((sum, value) => sum + value, 0) / real.length;
  const rows = hann(height);
  const columns = hann(width);
  for (let i = 0; i < real.length; i++) {
    real[i] = (real[i] - mean) * rows[Math.floor(i / width)] * columns[i % width];
  }
  const imaginary = new Float64Array(real.length);
  const field = { real, imaginary };
  for (let y = 0; y < height; y++) transform(field, { start: y * width, stride: 1, length: width });
  for (let x = 0; x < width; x++) transform(field, { start: x, stride: width, length: height });
  return real.map((value, i) => (value * value + imaginary[i] * imaginary[i]) / real.length);
}

function hann(length: number): Float64Array {
  return Float64Array.from({ length }, (_, index) => Math.sin((Math.PI * (index + 0.5)) / length) ** 2);
}

/** Transforms one line in place by the definition of the discrete Fourier transform: images are small, and of any side. */
function transform(
  { real, imaginary }: { real: Float64Array; imaginary: Float64Array },
  { start, stride, length }: { start: number; stride: number; length: number },
): void {
  const a = Float64Array.from({ length }, (_, index) => real[start + index * stride]);
  const b = Float64Array.from({ length }, (_, index) => imaginary[start + index * stride]);
  const cosines = Float64Array.from({ length }, (_, index) => Math.cos((2 * Math.PI * index) / length));
  const sines = Float64Array.from({ length }, (_, index) => Math.sin((2 * Math.PI * index) / length));
  for (let frequency = 0; frequency < length; frequency++) {
    let sumReal = 0;
    let sumImaginary = 0;
    let phase = 0;
    for (let index = 0; index < length; index++) {
      sumReal += a[index] * cosines[phase] + b[index] * sines[phase];
      sumImaginary += b[index] * cosines[phase] - a[index] * sines[phase];
      phase = (phase + frequency) % length;
    }
    real[start + frequency * stride] = sumReal;
    imaginary[start + frequency * stride] = sumImaginary;
  }
}
