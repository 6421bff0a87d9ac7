/** The words of the tab "Method" of a run. */

import type { MethodSection } from './section.ts';

export const trajectorySection: MethodSection = {
  id: 'trajectory',
  title: 'One image along its path',
  text: 'The network gives every pixel a velocity, and a solver follows it from noise at t = 0 to an image at t = 1. At each time the network also expects a final value x̂₁, drawn faint: far from the end it is an average over everything that fits the known pixels, and it sharpens as t grows. Where the path bends, a solver needs short steps; the maps show how fast each pixel moves and how much its path bends. Samples from different noise part early and end at different images where the known pixels leave room.',
  formulas: [
    {
      tex: String.raw`\frac{\mathrm{d}x_t}{\mathrm{d}t} = v_\theta(x_t, t \mid y)`,
      about: 'the equation that is solved',
    },
    {
      tex: String.raw`\left\lVert \frac{\mathrm{d}v}{\mathrm{d}t} \right\rVert`,
      about: 'curvature of a path; 0 along a straight line',
    },
  ],
  papers: ['lipman2023', 'liu2023'],
};

export const conditioningSection: MethodSection = {
  id: 'conditioning',
  title: 'What a prediction depends on',
  text: 'Choose a pixel to see which known pixels its prediction depends on: each known pixel is as bright as the change of x̂₁ per change of its value. Early, at t = 0, the state is noise and only the known pixels carry information. Later the state itself says more, and the known pixels matter less. An interpolation has such weights too, and they fall with the distance; a network may also follow edges. Where the network has attention, its weights show which known pixels it reads; they say less about how much these change the result.',
  formulas: [
    {
      tex: String.raw`\left\lvert \frac{\partial \hat{x}_1(q)}{\partial y} \right\rvert`,
      about: 'sensitivity of the brightness at pixel q to a known value y',
    },
    {
      tex: String.raw`\tilde A_l = \tfrac12 (A_l + I)\,\tilde A_{l-1}`,
      about: 'attention of layer after layer, the mean of the heads',
    },
  ],
  papers: ['simonyan2014', 'abnar2020'],
};

export const solverSection: MethodSection = {
  id: 'solvers',
  title: 'Solvers and their steps',
  text: 'Every solver starts from the same noise and is compared with a very fine solution of the same equation. With both axes logarithmic the errors fall along straight lines whose slope is the order of the solver: halving the step size of a method of order two quarters its error. PSNR may nevertheless be higher with fewer steps. A single step ends at the average of all images that fit, and an average is closer to the truth than any one sample, although it is blurred and shows no variety.',
  formulas: [{ tex: String.raw`\text{error} \propto \text{NFE}^{-p}`, about: 'a solver of order p' }],
  papers: ['karras2022', 'blau2018', 'dormand1980'],
};

export const calibrationSection: MethodSection = {
  id: 'calibration',
  title: 'Calibration of the samples',
  text: 'Samples are calibrated when the truth could be one of them. The reliability diagram counts how often the truth lies inside the central intervals of the samples. The rank histogram shows its place among the sorted samples. The last diagram compares the spread of the samples with the error of their mean, in groups of pixels.',
  formulas: [
    {
      tex: String.raw`\sqrt{1 + \tfrac{1}{N}}\;\text{spread} = \text{RMSE}`,
      about: 'what calibrated samples fulfil, N of them',
    },
  ],
  papers: ['hamill2001', 'fortin2014', 'gneiting2007'],
};

/** In the order of the tab, after the paths. */
export const runSections: readonly MethodSection[] = [
  trajectorySection,
  conditioningSection,
  solverSection,
  calibrationSection,
];
