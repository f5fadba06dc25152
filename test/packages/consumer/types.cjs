'use strict';
const hunyuan = require('@holodeck/hunyuan');
const hybrid = require('@holodeck/hybrid');
const client = hunyuan.createHunyuanClient({ secretId: 'id', secretKey: 'key' });
// @ts-expect-error Backends are a list.
const wrong = () => hybrid.createHybridClient({ backends: 'hunyuan' });
module.exports = { client, wrong };
