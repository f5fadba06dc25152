/** A stranger's CommonJS program in TypeScript, for its types. */
import core = require('@holodeck/core');
import hunyuan = require('@holodeck/hunyuan');
import hybrid = require('@holodeck/hybrid');

const client: core.ImageClient = hunyuan.createHunyuanClient({ secretId: 'id', secretKey: 'key' });
// @ts-expect-error Backends are a list.
const wrong = (): unknown => hybrid.createHybridClient({ backends: 'hunyuan' });
export = { client, wrong };
