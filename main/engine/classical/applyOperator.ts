/** Colours through a matrix: an estimate of many pixels from few, as the thin plate's operator gives it. */

/**
 * output = operator · values, in place: `operator` [pixels, n], `values` [n, 3], `output` [pixels, 3].
 * @throws Error when the lengths do not belong together.
 */
export function applyOperator(operator: Float32Array, values: Float32Array, output: Float32Array): void {
  const count = values.length / 3;
  if (operator.length * 9 !== values.length * output.length) {
    throw new Error(
      `An operator of ${operator.length} weights does not take ${values.length} values to ${output.length}: ` +
        'expected pixels × n weights, n × 3 values, pixels × 3 results; use the operator of this mask.',
    );
  }
  // In double precision, because that is what sums are made in.
  const colours = new Float64Array(values);
  const last = output.length / 3 - 1;
  // Two pixels at a time read every colour half as often; of an odd number the last is its own partner.
  for (let pixel = 0; pixel <= last; pixel += 2) {
    const partner = Math.min(pixel + 1, last);
    let red = 0;
    let green = 0;
    let blue = 0;
    let partnerRed = 0;
    let partnerGreen = 0;
    let partnerBlue = 0;
    for (let row = 0; row < count; row++) {
      const weight = operator[pixel * count + row];
      const partnerWeight = operator[partner * count + row];
      const at = row * 3;
      red += weight * colours[at];
      green += weight * colours[at + 1];
      blue += weight * colours[at + 2];
      partnerRed += partnerWeight * colours[at];
      partnerGreen += partnerWeight * colours[at + 1];
      partnerBlue += partnerWeight * colours[at + 2];
    }
    writeColour(output, pixel, [red, green, blue]);
    writeColour(output, partner, [partnerRed, partnerGreen, partnerBlue]);
  }
}

function writeColour(output: Float32Array, pixel: number, [red, green, blue]: readonly number[]): void {
  output[pixel * 3] = red;
  output[pixel * 3 + 1] = green;
  output[pixel * 3 + 2] = blue;
}
