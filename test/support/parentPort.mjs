/** Preloaded into a forked process: gives it the port that Electron's utility processes have instead of fork's channel. */

const send = process.send.bind(process);
const receive = process.on.bind(process);
process.parentPort = {
  on: (event, listener) => receive('message', (data) => listener({ data })),
  postMessage: (message) => void send(message),
};
