/** The sections of a report, in its order; those that would hold nothing are left out. */

import type { ReportModel } from './reportModel.ts';
import type { Markup } from './html.ts';
import { allResultsSection, baselineSection, resultSection } from './resultSections.ts';
import { calibrationSection, costSection, pictureSection, trainingSection } from './chartSections.ts';
import { configurationSection, provenanceSection, reproduceSection } from './originSections.ts';
import { protocolSection, questionSection } from './questionSections.ts';

export interface ReportSection {
  /** Of its anchor. */
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** What is drawn besides the charts. */
export interface ReportPictures {
  /** PNG; null where no run has kept pictures. */
  readonly figure: Uint8Array | null;
  /** What the figure shows, or why there is none. */
  readonly note: string;
}

export function reportSections(model: ReportModel, pictures: ReportPictures): ReportSection[] {
  return [
    questionSection(model),
    protocolSection(model),
    resultSection(model),
    baselineSection(model),
    trainingSection(model),
    pictureSection(pictures),
    calibrationSection(model),
    costSection(model),
    configurationSection(model),
    provenanceSection(model),
    reproduceSection(model),
    allResultsSection(model),
  ].filter((section) => section !== null);
}
