/** The drawing of an SVG chart as PNG. */

/** Renders an SVG document as a PNG at twice its size. @throws Error when the browser cannot draw it. */
export async function svgPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = 2;
  const canvas = new OffscreenCanvas(image.naturalWidth * scale, image.naturalHeight * scale);
  const context = canvas.getContext('2d');
  if (!context)
    throw new Error('This browser provides no canvas to draw the chart on. Save it as SVG instead.');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
