/** The words of metrics and column heads, each explained in one or two sentences. */

export interface GlossaryWord {
  /** Part of the address. */
  readonly id: string;
  readonly title: string;
  /** Other texts of the page that have this meaning, without units and in lower case. */
  readonly names?: readonly string[];
  readonly text: string;
}

interface GlossaryGroup {
  readonly title: string;
  readonly words: readonly GlossaryWord[];
}

export const glossary: readonly GlossaryGroup[] = [
  {
    title: 'Scores of an image',
    words: [
      {
        id: 'psnr',
        title: 'PSNR',
        names: ['best psnr', 'psnr all'],
        text: 'Peak signal-to-noise ratio, −10 log₁₀ of the mean squared error, in decibels; higher is better. It is computed per image and then averaged, and 3 dB more mean half the squared error.',
      },
      {
        id: 'psnr-hidden',
        title: 'PSNR hidden',
        text: 'PSNR over the hidden pixels only. The known ones are exact by construction and would raise the score of every method.',
      },
      {
        id: 'psnr-pooled',
        title: 'PSNR pooled',
        text: 'PSNR of the squared error averaged over all images first. A few bad images weigh more in it than in the mean of the PSNRs.',
      },
      {
        id: 'ssim',
        title: 'SSIM',
        names: ['best ssim'],
        text: 'Structural similarity: compares means, contrast and structure in small windows (7×7); 1 for equal images. It notices blur that PSNR forgives.',
      },
      {
        id: 'ssim-gaussian',
        title: 'SSIM Gaussian',
        text: 'SSIM with the Gaussian window of the original paper instead of a uniform one. Quote it next to papers that use that window.',
      },
      {
        id: 'mse',
        title: 'MSE',
        text: 'Mean squared error of the pixel values, which are in [0, 1]; lower is better. The posterior mean is the estimate that minimises it.',
      },
      {
        id: 'mae',
        title: 'MAE',
        text: 'Mean absolute error of the pixel values, which are in [0, 1]; lower is better.',
      },
      {
        id: 'rmse-known',
        title: 'RMSE known',
        text: 'Root mean squared error at the known pixels before they are pasted: how far the network departs from what it was given.',
      },
      {
        id: 'spectrum-error',
        title: 'Spectrum error',
        text: 'Difference between the radial power spectra of results and originals, root mean square over frequencies in decibels. It is large where results are too smooth or too rough.',
      },
      {
        id: 'gain',
        title: 'Gain',
        text: 'PSNR minus that of the thin plate on the same images and masks, in decibels: what the network adds to interpolation.',
      },
    ],
  },
  {
    title: 'Scores of several samples',
    words: [
      {
        id: 'crps',
        title: 'CRPS',
        text: 'Continuous ranked probability score: the distance between the samples’ distribution of each hidden value and its true value; lower is better. It rewards samples that are near the truth and as uncertain as they should be.',
      },
      {
        id: 'energy-score',
        title: 'Energy score',
        text: 'The CRPS of whole images: mean distance of the samples to the truth minus half their distance to one another. It also judges whether the pixels of a sample fit together.',
      },
      {
        id: 'coverage',
        title: 'Coverage',
        names: ['covered by 50 %', 'covered by 80 %', 'covered by 90 %'],
        text: 'Fraction of the true values inside the central interval of the samples with this probability. It equals the probability if the samples are calibrated.',
      },
      {
        id: 'spread',
        title: 'Spread',
        text: 'Root of the mean variance of the samples: how much they differ from one another.',
      },
      {
        id: 'spread-skill',
        title: 'Spread / skill',
        text: 'Spread of the samples divided by the error of their mean. It is 1 if the samples are calibrated, and less if they are too sure of themselves.',
      },
      {
        id: 'diversity',
        title: 'Diversity',
        text: 'Mean of 1 − SSIM between two samples of an image; 0 if all samples are equal.',
      },
      {
        id: 'rank-histogram',
        title: 'Rank histogram',
        text: 'How often the true value has each rank among the sorted samples. It is flat if truth and samples have one distribution, and U-shaped if the samples differ too little.',
      },
      {
        id: 'reliability',
        title: 'Reliability',
        text: 'Stated probability against observed frequency. Points on the diagonal are calibrated; below it the samples are too sure of themselves.',
      },
      {
        id: 'posterior-mean',
        title: 'Posterior mean',
        text: 'The mean of all images that agree with the known pixels, weighted by their probability. It has the smallest squared error of all estimates and is smoother than any single sample.',
      },
      {
        id: 'samples',
        title: 'Samples',
        text: 'Number of reconstructions that are averaged, each from noise of its own. More samples approach the posterior mean.',
      },
    ],
  },
  {
    title: 'Comparison of methods',
    words: [
      {
        id: 'interval',
        title: '95 % interval',
        names: ['psnr db 95 %', 'ssim 95 %'],
        text: 'Where the mean over images lies with 95 % confidence, by bootstrap: the images are drawn again with repetition, many times.',
      },
      {
        id: 'difference',
        title: 'Mean difference',
        names: ['psnr db − reference', 'ssim − reference'],
        text: 'Mean over the images of the score minus that of the reference on the same image. Pairing removes what all methods find hard.',
      },
      {
        id: 'wins',
        title: 'Better, equal, worse',
        names: ['better', 'equal', 'worse'],
        text: 'Number of images on which a run scores better than the reference, the same, and worse.',
      },
      {
        id: 'sign-test',
        title: 'Sign test',
        text: 'Probability of wins and losses at least as uneven as these if both methods were equally good. Small values are evidence for a difference.',
      },
      { id: 'images', title: 'Images', text: 'Number of test images that enter the scores.' },
      {
        id: 'nfe',
        title: 'NFE',
        text: 'Number of function evaluations: how often the network is computed for one sample. Heun needs two for each step, RK4 four.',
      },
      {
        id: 'seconds',
        title: 'Seconds, any load',
        text: 'Wall time that the method took for all images, with whatever else the machine computed meanwhile. It does not compare between evaluations or machines; NFE does.',
      },
      {
        id: 'solver',
        title: 'Solver',
        text: 'How the differential equation from noise to image is solved, and in how many steps. A solver of order p has an error that falls with the p-th power of the step.',
      },
      {
        id: 'parameters',
        title: 'Parameters',
        text: 'Numbers of the network that training adjusts.',
      },
      {
        id: 'images-seen',
        title: 'Images seen',
        text: 'Training images that the network has been trained on, counted every time.',
      },
      {
        id: 'method',
        title: 'Method',
        text: 'Flow matching, denoiser or score model; in tables also the classical methods.',
      },
    ],
  },
  {
    title: 'Training',
    words: [
      {
        id: 'loss',
        title: 'Loss',
        names: ['newest loss'],
        text: 'Mean squared error of the network’s prediction along the path, which training minimises. Its scale depends on what is predicted, so that losses of different methods do not compare.',
      },
      {
        id: 'gradient-norm',
        title: 'Gradient norm',
        text: 'Length of the gradient of the loss before it is clipped. Peaks are steps that would have been too large.',
      },
      {
        id: 'learning-rate',
        title: 'Learning rate',
        text: 'Size of the optimiser’s steps. It rises at the start, and falls to zero at the end of the budget.',
      },
      {
        id: 'ema',
        title: 'EMA',
        text: 'Exponential moving average: the weights averaged over the last steps. Samples are computed with it, because it varies less than the weights of the last step.',
      },
      {
        id: 'step',
        title: 'Step',
        names: ['training step'],
        text: 'One update of the network’s weights from one batch of images.',
      },
      {
        id: 'training-time',
        title: 'Trained',
        names: ['training time'],
        text: 'Time the run has trained over all its segments, without pauses.',
      },
      {
        id: 'steps-per-second',
        title: 'Steps per second',
        text: 'Speed of the training since the measurement before.',
      },
      {
        id: 'cpu',
        title: 'CPU cores in use',
        text: 'Processor time per second of all threads of the compute process: 2 means that two cores are busy.',
      },
      { id: 'memory', title: 'Memory', text: 'Main memory of the compute process, in millions of bytes.' },
      { id: 'gpu', title: 'GPU in use', text: 'Fraction of the time in which the graphics card computed.' },
      {
        id: 'gpu-memory',
        title: 'GPU memory',
        text: 'Memory in use on the graphics card, in millions of bytes.',
      },
    ],
  },
  {
    title: 'The method',
    words: [
      {
        id: 'snr',
        title: 'SNR',
        names: ['signal-to-noise ratio'],
        text: 'Signal-to-noise ratio α² / σ² at a time of the path, often in decibels: 0 dB where data and noise have equal weight.',
      },
      {
        id: 'velocity',
        title: 'Velocity',
        text: 'The derivative of the state by t. A network that predicts it says where each value has to move next.',
      },
      {
        id: 'score',
        title: 'Score',
        text: 'The gradient of the logarithm of the density of noisy images. It points to where images are more probable, and equals the negative noise divided by σ.',
      },
      {
        id: 'straightness',
        title: 'Straightness',
        text: 'Distance between the ends of a trajectory divided by its length: 1 for a straight one. The straighter it is, the fewer steps a solver needs.',
      },
      {
        id: 'samples-to-data',
        title: 'Samples to data',
        text: 'Energy distance between the samples and the data: 0 if both have the same distribution.',
      },
      {
        id: 'field-error',
        title: 'Error of the field',
        text: 'Root mean square error of the learned velocity, divided by that of the exact velocity; 0 is perfect.',
      },
      {
        id: 'bits',
        title: 'Bit for bit',
        text: 'Two results agree bit for bit if every number is equal to its last digit, as those of a resumed run and of one that was never interrupted.',
      },
    ],
  },
  {
    title: 'The list of runs',
    words: [
      {
        id: 'status',
        title: 'Status',
        text: 'Whether the run waits, trains, is paused or has finished, and what it does now.',
      },
      { id: 'name', title: 'Name', text: 'Name of the run, which you can change at any time.' },
      { id: 'run', title: 'Run', text: 'One training with its configuration, checkpoints and evaluations.' },
      { id: 'preset', title: 'Preset', text: 'The named configuration that the run started from.' },
      { id: 'network', title: 'Network', text: 'The architecture that computes the prediction.' },
      { id: 'data', title: 'Data', text: 'The dataset that the run is trained on.' },
      { id: 'device', title: 'Device', text: 'The processor or graphics card that computed the run.' },
      { id: 'progress', title: 'Progress', text: 'Completed steps or minutes out of the budget.' },
      { id: 'loss-curve', title: 'Loss curve', text: 'The loss over the whole run, on a logarithmic axis.' },
      { id: 'created', title: 'Created', text: 'When the run was created.' },
      { id: 'changed', title: 'Changed', text: 'When the run last changed.' },
      { id: 'tags', title: 'Tags', text: 'Labels of your own, to find runs and to filter the list.' },
    ],
  },
];

const words = new Map(
  glossary
    .flatMap((group) => group.words)
    .flatMap((word) => [word.title, ...(word.names ?? [])].map((name) => [normalise(name), word] as const)),
);

/** Returns the word that a metric's name or a column head means, with or without its unit. */
export function findWord(text: string): GlossaryWord | null {
  return words.get(normalise(text)) ?? null;
}

function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/,[^,]*$/, '')
    .replace(/ db$/, '')
    .trim();
}
