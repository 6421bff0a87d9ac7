/** A section of the Method page or of the tab "Method" of a run, and the papers that sections cite. */

export interface MethodSection {
  /** Part of the address; unique in its page. */
  readonly id: string;
  readonly title: string;
  /** Three to five sentences. */
  readonly text: string;
  readonly formulas: readonly Formula[];
  readonly papers: readonly PaperName[];
}

export interface Formula {
  /** In KaTeX's TeX. */
  readonly tex: string;
  /** What the formula states, in one phrase. */
  readonly about: string;
}

export interface Paper {
  readonly authors: string;
  readonly year: number;
  readonly title: string;
  readonly address: string;
}

const arxiv = (number: string) => `https://arxiv.org/abs/${number}`;
const doi = (name: string) => `https://doi.org/${name}`;

/** In the order of their years. */
export const papers = {
  dormand1980: {
    authors: 'Dormand and Prince',
    year: 1980,
    title: 'A family of embedded Runge–Kutta formulae',
    address: doi('10.1016/0771-050X(80)90013-3'),
  },
  hamill2001: {
    authors: 'Hamill',
    year: 2001,
    title: 'Interpretation of rank histograms for verifying ensemble forecasts',
    address: doi('10.1175/1520-0493(2001)129<0550:IORHFV>2.0.CO;2'),
  },
  wang2004: {
    authors: 'Wang et al.',
    year: 2004,
    title: 'Image quality assessment: from error visibility to structural similarity',
    address: doi('10.1109/TIP.2003.819861'),
  },
  gneiting2007: {
    authors: 'Gneiting and Raftery',
    year: 2007,
    title: 'Strictly proper scoring rules, prediction, and estimation',
    address: doi('10.1198/016214506000001437'),
  },
  simonyan2014: {
    authors: 'Simonyan, Vedaldi and Zisserman',
    year: 2014,
    title: 'Deep inside convolutional networks: visualising image classification models and saliency maps',
    address: arxiv('1312.6034'),
  },
  fortin2014: {
    authors: 'Fortin et al.',
    year: 2014,
    title: 'Why should ensemble spread match the RMSE of the ensemble mean?',
    address: doi('10.1175/JHM-D-14-0008.1'),
  },
  blau2018: {
    authors: 'Blau and Michaeli',
    year: 2018,
    title: 'The perception-distortion tradeoff',
    address: arxiv('1711.06077'),
  },
  abnar2020: {
    authors: 'Abnar and Zuidema',
    year: 2020,
    title: 'Quantifying attention flow in transformers',
    address: arxiv('2005.00928'),
  },
  song2021sde: {
    authors: 'Song et al.',
    year: 2021,
    title: 'Score-based generative modeling through stochastic differential equations',
    address: arxiv('2011.13456'),
  },
  nichol2021: {
    authors: 'Nichol and Dhariwal',
    year: 2021,
    title: 'Improved denoising diffusion probabilistic models',
    address: arxiv('2102.09672'),
  },
  salimans2022: {
    authors: 'Salimans and Ho',
    year: 2022,
    title: 'Progressive distillation for fast sampling of diffusion models',
    address: arxiv('2202.00512'),
  },
  karras2022: {
    authors: 'Karras et al.',
    year: 2022,
    title: 'Elucidating the design space of diffusion-based generative models',
    address: arxiv('2206.00364'),
  },
  lipman2023: {
    authors: 'Lipman et al.',
    year: 2023,
    title: 'Flow matching for generative modeling',
    address: arxiv('2210.02747'),
  },
  liu2023: {
    authors: 'Liu, Gong and Liu',
    year: 2023,
    title: 'Flow straight and fast: learning to generate and transfer data with rectified flow',
    address: arxiv('2209.03003'),
  },
  albergo2023: {
    authors: 'Albergo et al.',
    year: 2023,
    title: 'Stochastic interpolants with data-dependent couplings',
    address: arxiv('2310.03725'),
  },
} as const satisfies Record<string, Paper>;
export type PaperName = keyof typeof papers;
