/** What a chart shows, free of how it is drawn. */

/** Coordinates in the units of the axes; points that are not finite, or not above 0 on a logarithmic axis, are left out. */
export type SvgMark =
  | {
      readonly kind: 'line';
      /** Named in the legend; empty: not. */
      readonly label: string;
      /** Its name in CSV; default: the label. */
      readonly series?: string;
      readonly colour: string;
      /** Lengths of dash and gap in pixels; empty: solid. */
      readonly dash: readonly number[];
      readonly points: readonly (readonly [x: number, y: number])[];
      /** Draws a dot at each point. */
      readonly hasDots?: boolean;
      /** Lower and upper end of an interval at each point, drawn as a translucent band; null: none there. */
      readonly band?: readonly (readonly [low: number, high: number] | null)[];
      /** 0 to 1; default 1. */
      readonly opacity?: number;
    }
  | {
      readonly kind: 'points';
      readonly label: string;
      /** Its name in CSV; default: the label. */
      readonly series?: string;
      readonly colour: string;
      readonly points: readonly (readonly [x: number, y: number])[];
      /** Which image each point is of; absent: of none. */
      readonly images?: readonly number[];
      /** Larger, opaque marks of this shape; default: small translucent dots. */
      readonly shape?: 'circle' | 'square';
    }
  | {
      readonly kind: 'bars';
      readonly label: string;
      readonly colour: string;
      readonly bars: readonly { readonly from: number; readonly to: number; readonly value: number }[];
    }
  | {
      /** A mean and its interval, lying at row `row` of an axis with categories. */
      readonly kind: 'interval';
      readonly colour: string;
      readonly row: number;
      readonly low: number;
      readonly mean: number;
      readonly high: number;
    }
  | {
      /** An image or a map: `columns` × n squares of unit size from the top left, row by row. */
      readonly kind: 'cells';
      /** Of the scale in the legend, from the first colour to the last; empty: none. */
      readonly label: string;
      readonly scale: readonly string[];
      readonly columns: number;
      /** A colour of each cell; null leaves it free. */
      readonly colours: readonly (string | null)[];
      /** The numbers of each cell by name, for CSV; a number that is not finite is left out. */
      readonly values: Readonly<Record<string, ArrayLike<number>>>;
    }
  | {
      /** A thin grey line from one place to another, e.g. where nothing differs. */
      readonly kind: 'rule';
      readonly from: readonly [x: number, y: number];
      readonly to: readonly [x: number, y: number];
    };

export interface SvgAxis {
  /** With its unit: `PSNR, dB`. */
  readonly title: string;
  readonly isLogarithmic?: boolean;
  /** What is shown; default: all marks, with some room on the y axis. */
  readonly range?: readonly [number, number];
  /** Names of the rows from the top, instead of numbers; y axis only. */
  readonly categories?: readonly string[];
  /** Default: plain numbers. */
  readonly format?: (value: number) => string;
  /** Default: round numbers. */
  readonly ticks?: (min: number, max: number, count: number) => readonly number[];
}

export interface SvgChart {
  /** Shown above the chart unless `isTitleHidden`; also its text for screen readers. */
  readonly title: string;
  readonly isTitleHidden?: boolean;
  /** Names a single line too; several are always named. */
  readonly hasLegend?: boolean;
  /** An image: no axes are drawn, and one unit of both is equally long; both need a range. */
  readonly isImage?: boolean;
  readonly x: SvgAxis;
  readonly y: SvgAxis;
  readonly marks: readonly SvgMark[];
}
