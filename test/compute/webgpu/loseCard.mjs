/** Is preloaded into a compute process and takes its card away after the first checkpoint that it reports. */

import { globals } from 'webgpu';

const send = process.send?.bind(process);
let isDoomed = false;
process.send = (message, ...rest) => {
  isDoomed ||= message.type === 'checkpoint';
  return send(message, ...rest);
};

const { createCommandEncoder } = globals.GPUDevice.prototype;
globals.GPUDevice.prototype.createCommandEncoder = function (...args) {
  if (isDoomed) this.destroy();
  return createCommandEncoder.apply(this, args);
};
