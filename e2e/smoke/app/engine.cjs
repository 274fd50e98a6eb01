'use strict';
const { listSupportedBackends } = require('onnxruntime-node');
const { Demuxer } = require('node-av');

const post = (message) => (process.parentPort ?? process).postMessage?.(message) ?? process.send(message);
post({
  node: process.versions.node,
  cpu: listSupportedBackends().some(({ name }) => name === 'cpu'),
  decoder: typeof Demuxer.open,
});
process.on('disconnect', () => process.exit(0));
