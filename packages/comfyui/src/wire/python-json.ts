/** A text in quotes, or one of the words that Python writes and JSON does not have. */
const textOrWord = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON as Python writes it: `NaN` and `Infinity`, which are not JSON, become null. ComfyUI has `"is_changed": [NaN]` in
 * the history of every graph with a node that always wants to run again
 * (https://github.com/comfyanonymous/ComfyUI/issues/8548).
 *
 * @throws {SyntaxError} where it is not JSON even so.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replaceAll(textOrWord, (found) => (found.startsWith('"') ? found : 'null'))) as unknown;
  }
}
