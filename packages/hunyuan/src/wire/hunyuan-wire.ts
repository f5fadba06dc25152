/** What a job says about itself, in one form for all APIs. */
export type JobReport =
  | { readonly state: 'queued' | 'running'; readonly note?: string }
  | { readonly state: 'failed'; readonly code: string; readonly message: string }
  | {
      readonly state: 'done';
      readonly images: readonly JobImage[];
      /** One text for each picture that failed although the job is done. */
      readonly failures: readonly string[];
    }
  /** The answer has no status that could be read. */
  | { readonly state: 'unreadable' };

/** What an answer with pictures says. */
export interface PictureReport {
  /** None: the answer has no picture, although it is a success. */
  readonly images: readonly JobImage[];
  readonly requestId?: string;
  readonly totalTokens?: number;
}

/** One picture of a job that is done. */
export interface JobImage {
  readonly url: string;
  readonly revisedPrompt?: string;
}

/** The inner object of an answer; every field may be absent or null. */
export type WireAnswer = Readonly<Record<string, unknown>>;

/** The provider's id of this answer. */
export function readRequestId(answer: WireAnswer): string | undefined {
  return readText(answer['RequestId']) ?? readText(answer['request_id']);
}

/** A text that is not empty. Numbers count where they are exact: ids and codes come in both forms. */
export function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** A list of texts: `[]` for null and absent, one element for a bare text; other elements become ''. */
export function readTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.map((element: unknown) => (typeof element === 'string' ? element : ''));
}

/**
 * Reads the answer of QueryTextToImageJob and QueryHunyuanImageJob, which are alike. `JobStatusCode` is a text: "1"
 * waiting, "2" running, "4" failed, "5" done; there is no "3" (https://cloud.tencent.com/document/product/1668/124633).
 * Numbers are read as well. An unknown code counts as running, because the deadline bounds the wait. The three lists may
 * be empty, null or absent. A failed job is a successful answer.
 */
export function readJob(answer: WireAnswer): JobReport {
  const code = readText(answer['JobStatusCode']);
  const note = readText(answer['JobStatusMsg']);
  switch (code) {
    case undefined:
      return { state: 'unreadable' };
    case '1':
      return { state: 'queued' };
    case '4':
      return {
        state: 'failed',
        code: readText(answer['JobErrorCode']) ?? '',
        message: readText(answer['JobErrorMsg']) ?? note ?? '',
      };
    case '5':
      return { state: 'done', ...readImages(answer) };
    case '2':
      return { state: 'running', ...(note === undefined ? {} : { note }) };
    default:
      return { state: 'running', note: note ?? `status ${code}` };
  }
}

/**
 * Pairs pictures with their verdicts: `"Success"` means that the picture of that place is good, any other text is why
 * it failed. Absent verdicts count as good where there is a picture.
 */
function readImages(answer: WireAnswer): { images: readonly JobImage[]; failures: readonly string[] } {
  const urls = readTexts(answer['ResultImage']);
  const details = readTexts(answer['ResultDetails']);
  const prompts = readTexts(answer['RevisedPrompt']);
  const failures = details.filter((detail) => isFailure(detail));
  // Where failed places have no URL, the list of pictures is shorter than the list of verdicts.
  const paired = urls.length >= details.length;
  const images: JobImage[] = [];
  for (const [index, url] of urls.entries()) {
    if (url === '' || (paired && isFailure(details[index]))) continue;
    const revisedPrompt = readText(prompts[index]);
    images.push({ url, ...(revisedPrompt === undefined ? {} : { revisedPrompt }) });
  }
  return { images, failures };
}

function isFailure(detail: string | undefined): boolean {
  return detail !== undefined && detail !== '' && detail.toLowerCase() !== 'success';
}
