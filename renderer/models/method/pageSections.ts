/** The words of the Method page. */

import type { MethodSection } from './section.ts';

export const pathsSection: MethodSection = {
  id: 'paths',
  title: 'Paths from noise to image',
  text: 'Every training example is one point of a path: the value of a pixel starts as noise x₀ at t = 0 and becomes its true value x₁ at t = 1. The functions α and σ determine how the two are mixed on the way. With the linear path every value moves along a straight line at a constant speed; the cosine and the variance-preserving path bend, because their α and σ do. A network learns the mean velocity of all paths through a point, and a few large steps of a solver can follow it where the paths agree.',
  formulas: [
    { tex: String.raw`x_t = \alpha(t)\,x_1 + \sigma(t)\,x_0`, about: 'a point of the path' },
    {
      tex: String.raw`\frac{\mathrm{d}x_t}{\mathrm{d}t} = \dot\alpha(t)\,x_1 + \dot\sigma(t)\,x_0`,
      about: 'the velocity that flow matching learns',
    },
  ],
  papers: ['lipman2023', 'liu2023', 'nichol2021', 'song2021sde'],
};

export const toySection: MethodSection = {
  id: 'toy',
  title: 'A toy that learns while you watch',
  text: 'A small network learns to move points of the plane from noise to the data; it trains in this page in some seconds. The same network learns three times: the velocity of a flow, the data as a denoiser, and the noise as a score model; each of them implies a velocity field, which the arrows show. An arrow is the mean over all pairs of noise and data whose paths cross there, so learned trajectories bend although each linear path is straight: those of the flow first draw together and then part. A single large step of the flow therefore ends at the mean of the data, and more steps are needed for samples. In images the known pixels leave less choice, the paths agree more, and a few steps suffice.',
  formulas: [
    {
      tex: String.raw`\min_\theta\; \mathbb{E}_{t,\,x_0,\,x_1}\big\|v_\theta(x_t, t) - (\dot\alpha\,x_1 + \dot\sigma\,x_0)\big\|^2`,
      about: 'what flow matching minimises',
    },
    {
      tex: String.raw`v = \dot\alpha\,\hat x_1 + \dot\sigma\,\hat x_0, \qquad \nabla\log p_t(x_t) = -\hat x_0 / \sigma`,
      about: 'how data, noise and score imply a velocity',
    },
    {
      tex: String.raw`S = \mathbb{E}\;\|x_1 - x_0\| \Big/ \int_0^1 \|\dot x_t\|\,\mathrm{d}t`,
      about: 'straightness, 1 for straight trajectories',
    },
  ],
  papers: ['lipman2023', 'liu2023', 'salimans2022', 'song2021sde'],
};

/** In the order of the page. */
export const pageSections: readonly MethodSection[] = [pathsSection, toySection];
