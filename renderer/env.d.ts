/** Font and style files have no types of their own. */
declare module '@fontsource/*';
