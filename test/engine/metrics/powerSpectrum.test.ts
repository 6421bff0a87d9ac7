import { describe, expect, it } from 'vitest';
import { radialPower, spectrumError } from '../../../main/engine/metrics/powerSpectrum.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';

function createImage(
  size: { height: number; width: number },
  colour: (x: number, y: number, channel: number) => number,
): ImageBatch {
  const { height, width } = size;
  const values = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return colour(pixel % width, Math.floor(pixel / width), i % 3);
  });
  return { count: 1, height, width, values };
}

describe('radialPower', () => {
  it('agrees with NumPy on a rectangular image of odd height', () => {
    const image = createImage(
      { height: 9, width: 12 },
      (x, y, channel) => 0.5 + 0.5 * Math.sin(0.7 * x + 0.3 * y * y + channel),
    );
    const expected = [0.007580613363289201, 0.012927411665321086, 0.03205888117209632, 0.02585862564876898];
    const found = radialPower(image);
    expect(found).toHaveLength(4);
    found.forEach((power, bin) => expect(power).toBeCloseTo(expected[bin], 8));
  });

  it('has its maximum at the frequency of a wave', () => {
    const wave = createImage(
      { height: 16, width: 16 },
      (x) => 0.5 + 0.3 * Math.sin((2 * Math.PI * 4 * x) / 16),
    );
    const power = [...radialPower(wave)];
    expect(power.indexOf(Math.max(...power))).toBe(3);
  });

  it('is flat for white noise, and averages over images', () => {
    const [count, size] = [40, 16];
    const values = randomNormals({ seed: 1, stream: 'noise', step: 0 }, count * size * size * 3);
    const power = radialPower({ count, height: size, width: size, values });
    const middle = power.slice(1).reduce((sum, value) => sum + value, 0) / (power.length - 1);
    power.slice(1).forEach((value) => expect(Math.abs(value / middle - 1)).toBeLessThan(0.15));
    // The window keeps (3/8)² of the variance.
    expect(Math.abs(middle / (3 / 8) ** 2 - 1)).toBeLessThan(0.08);
  });
});

describe('spectrumError', () => {
  const truth = Float64Array.of(4, 2, 1);

  it('is 0 for equal spectra and 20 dB for a tenth of the amplitude', () => {
    expect(spectrumError(truth, truth)).toBe(0);
    expect(
      spectrumError(
        truth,
        truth.map((power) => power / 100),
      ),
    ).toBeCloseTo(20, 9);
    expect(spectrumError(truth, Float64Array.of(4, 2, 0.1))).toBeCloseTo(Math.sqrt(100 / 3), 9);
  });

  it('stays finite for a result without any detail', () => {
    expect(spectrumError(truth, new Float64Array(3))).toBeGreaterThan(190);
  });
});
