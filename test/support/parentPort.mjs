/** Is preloaded into a forked process and gives it the port that utility processes of Electron have instead of a fork's channel. */

const send = process.send.bind(process);
const receive = process.on.bind(process);
process.parentPort = {
  on: (event, listener) => receive('message', (data) => listener({ data })),
  postMessage: (message) => void send(message),
};
