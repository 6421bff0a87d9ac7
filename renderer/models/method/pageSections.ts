/** The words of the Method page. */

import type { MethodSection } from './section.ts';

export const pathsSection: MethodSection = {
  id: 'paths',
  title: 'Paths from noise to image',
  text: 'Every training example is one point of a path: the value of a pixel starts as noise x₀ at t = 0 and becomes its true value x₁ at t = 1. The functions α and σ determine how the two are mixed on the way. With the linear path every value moves along a straight line at a constant speed, which is why a few large steps of a solver can follow it. The cosine and the variance-preserving path bend, because their α and σ do.',
  formulas: [
    { tex: String.raw`x_t = \alpha(t)\,x_1 + \sigma(t)\,x_0`, about: 'a point of the path' },
    {
      tex: String.raw`\frac{\mathrm{d}x_t}{\mathrm{d}t} = \dot\alpha(t)\,x_1 + \dot\sigma(t)\,x_0`,
      about: 'the velocity that flow matching learns',
    },
  ],
  papers: ['lipman2023', 'liu2023', 'nichol2021', 'song2021sde'],
};

/** In the order of the page. */
export const pageSections: readonly MethodSection[] = [pathsSection];
