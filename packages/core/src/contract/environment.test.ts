import { expect, it } from 'vitest';

import { isPlaceholder, readVariable } from './environment.ts';

const places = `your_secret_id|YOUR-KEY|yourSecretKey|sk-your-key|insert key here|my_api_key|the-token|<SecretId>|[key]|{key}|$KEY
\${KEY}|xxx|sk-xxxx|AKIDxxxxxxxx|****|...|…|changeme|replace-this|TODO|none|secret|secret_id|API_KEY|你的密钥|请填写`;

it.each(['', '  ', ...places.split(/[|\n]/)])('%j is a placeholder', (value) => {
  expect(isPlaceholder(value)).toBe(true);
  expect(readVariable({ NAME: value }, 'NAME')).toBeUndefined();
});

const values = `sk-1|AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA|gpt-image-2|youthful-v2.safetensors|yours.json|paste-up.json
http://127.0.0.1:8188|http://[::1]:8188|{"X-Api-Key": "a"}|X-API-Key: a|ap-guangzhou|2023-09-01|1`;

it.each(values.split(/[|\n]/))('%j is a value', (value) => {
  expect(readVariable({ NAME: ` ${value}\n` }, 'NAME')).toBe(value);
});

it('a variable that is not set has no value', () => {
  expect(readVariable({}, 'NAME')).toBeUndefined();
});
