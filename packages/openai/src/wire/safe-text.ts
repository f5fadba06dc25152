/**
 * A server's words for an error message: secrets and keys blanked, addresses without their query, one line, cut to
 * `maxLength` characters.
 */
export function safeText(text: string, secrets: readonly string[], maxLength: number): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***');
  clean = clean
    // Services quote a wrong key with its middle blanked: the ends are not for logs either.
    .replaceAll(/\b(?:sk|rk|pk)-[\w*.-]{4,}/g, '***')
    .replaceAll(/Bearer\s+\S+/gi, 'Bearer ***')
    .replaceAll(/(https?:\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/g, '$1')
    // Control characters of a foreign server have no place in a terminal.
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ')
    .trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
}
