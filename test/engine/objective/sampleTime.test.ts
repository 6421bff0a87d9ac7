import { describe, expect, it } from 'vitest';
import { sampleTime } from '../../../main/engine/objective/sampleTime.ts';

const count = 20_000;
const options = { seed: 42, step: 3, startFraction: 0 };

describe('sampleTime', () => {
  it('is uniform on [0, 1)', () => {
    const times = sampleTime(count, options);
    expect(times.every((time) => time >= 0 && time < 1)).toBe(true);
    // Five standard errors of the first moments: E t = 1/2, E t² = 1/3, E t³ = 1/4.
    for (const power of [1, 2, 3]) {
      const mean = times.reduce((sum, time) => sum + time ** power, 0) / count;
      const variance = 1 / (2 * power + 1) - 1 / (power + 1) ** 2;
      expect(Math.abs(mean - 1 / (power + 1))).toBeLessThan(5 * Math.sqrt(variance / count));
    }
  });

  it('is a pure function of seed and step', () => {
    expect(sampleTime(8, options)).toEqual(sampleTime(8, options));
    expect(sampleTime(8, { ...options, step: 4 })).not.toEqual(sampleTime(8, options));
    expect(sampleTime(8, { ...options, seed: 43 })).not.toEqual(sampleTime(8, options));
  });

  it('puts the rounded start share at t = 0 and leaves the other times as they were', () => {
    const plain = sampleTime(10, options);
    const times = sampleTime(10, { ...options, startFraction: 0.25 });
    expect([...times.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(times.subarray(3)).toEqual(plain.subarray(3));
    expect(plain.every((time) => time > 0)).toBe(true);
    expect(sampleTime(4, { ...options, startFraction: 1 })).toEqual(new Float32Array(4));
  });

  it('takes one time from each of as many equal parts where it is stratified', () => {
    const times = sampleTime(16, { ...options, law: 'stratified' });
    expect([...times].map((time) => Math.floor(16 * time))).toEqual(
      Array.from({ length: 16 }, (_, part) => part),
    );
    const rest = sampleTime(16, { ...options, startFraction: 0.25, law: 'stratified' }).subarray(4);
    expect([...rest].map((time) => Math.floor(12 * time))).toEqual(
      Array.from({ length: 12 }, (_, part) => part),
    );
    expect(sampleTime(4, { ...options, startFraction: 1, law: 'stratified' })).toEqual(new Float32Array(4));
  });

  it('has a normal logit where it is logit-normal', () => {
    const logits = Array.from(sampleTime(count, { ...options, law: 'logit-normal' }), (time) =>
      Math.log(time / (1 - time)),
    );
    const mean = logits.reduce((sum, logit) => sum + logit, 0) / count;
    const variance = logits.reduce((sum, logit) => sum + logit ** 2, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });
});
