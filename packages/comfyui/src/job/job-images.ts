import { say } from '../comfyui-messages.ts';
import { ImageError } from '@holodeck/core';
import { downloadFile, downloadImage, inspectImage } from '@holodeck/core/backend';
import { comfyuiError } from '../comfyui-errors.ts';
import { byNodeId } from '../workflow/workflow.ts';
import { readOutputFiles } from '../wire/comfyui-wire.ts';
import type { DownloadImageOptions, ImageInfo, ImageSink, JobContext } from '@holodeck/core/backend';
import type { ImageFrame } from '../wire/binary-frames.ts';
import type { ComfyUIServer } from './comfyui-server.ts';
import type { FinishedJob, OutputFile } from '../wire/comfyui-wire.ts';

/** One image of a finished job: a file to fetch, or bytes that came over the socket. */
export type ResultImage = { readonly file: OutputFile } | { readonly frame: ImageFrame };

const maxImageBytes = 512 * 1024 * 1024;

/**
 * A job's images by node, in order: node by node, and within a node as the server lists them. Named result nodes give whatever they
 * have; else every node gives what it saved to the output folder, and previews (type `temp`) are left out.
 */
export function resultImages(
  job: FinishedJob,
  frames: ReadonlyMap<string, readonly ImageFrame[]>,
  resultNodes: readonly string[] | undefined,
): readonly (readonly ResultImage[])[] {
  const all = [...new Set([...Object.keys(job.outputs), ...frames.keys()])].sort(byNodeId);
  // A node that expands into others while it runs: their ids begin with its own and a dot.
  const nodes = resultNodes?.flatMap((node) => all.filter((id) => id === node || id.startsWith(`${node}.`))) ?? all;
  return nodes.map((node): readonly ResultImage[] => {
    const files = readOutputFiles(job.outputs[node]).filter(
      (file) => resultNodes !== undefined || file.type === 'output',
    );
    return [...files.map((file) => ({ file })), ...(frames.get(node) ?? []).map((frame) => ({ frame }))];
  });
}

function viewUrl(server: ComfyUIServer, file: OutputFile): URL {
  const url = server.http.url('/view');
  url.searchParams.set('filename', file.filename);
  url.searchParams.set('subfolder', file.subfolder);
  url.searchParams.set('type', file.type);
  return url;
}

/**
 * Streams a file of the server into the sink of an index.
 *
 * @throws ImageError `lost` when the file is not there (HTTP 404); else with outcome `accepted`.
 */
export async function fetchFile(
  server: ComfyUIServer,
  file: OutputFile,
  index: number,
  context: JobContext,
): Promise<ImageInfo> {
  try {
    return await downloadImage(await downloadOptions(server, file, await context.openImage(index), context));
  } catch (error) {
    throw explain(error, server.label, file);
  }
}

async function downloadOptions(
  server: ComfyUIServer,
  file: OutputFile,
  sink: ImageSink,
  context: JobContext,
): Promise<DownloadImageOptions> {
  return {
    url: viewUrl(server, file),
    sink,
    fetch: await server.http.downloadFetch(),
    headers: server.http.headers,
    allowedHosts: [server.server.url.host],
    maxBytes: maxImageBytes,
    signal: context.signal,
    ...(context.onProgress === undefined ? {} : { onProgress: context.onProgress }),
  };
}

/** How many files beside the images a job may hand over. */
const maxExtraFiles = 16;

/** The path of a file in the server's output folder. */
export function outputPathOf({ subfolder, filename }: OutputFile): string {
  return subfolder === '' ? filename : `${subfolder}/${filename}`;
}

/**
 * Fetches files that are not images. One that cannot be fetched does not cost the images: it stays where it is.
 *
 * @returns Those that stay on the server only.
 */
export async function fetchExtraFiles(
  server: ComfyUIServer,
  files: readonly OutputFile[],
  context: JobContext,
): Promise<OutputFile[]> {
  const { openExtraFile } = context;
  if (openExtraFile === undefined) return [...files];
  const left = files.slice(maxExtraFiles);
  for (const file of files.slice(0, maxExtraFiles)) {
    try {
      await downloadFile(await downloadOptions(server, file, await openExtraFile(outputPathOf(file)), context));
    } catch (error) {
      if (context.signal.aborted) throw explain(error, server.label, file);
      left.push(file);
    }
  }
  return left;
}

function explain(error: unknown, label: string, file: OutputFile): unknown {
  if (!ImageError.isInstance(error)) {
    return error;
  }
  const changes = { backend: 'comfyui' };
  if (error.outcome !== 'lost') {
    return ImageError.with(error, changes);
  }
  if (error.code === '401' || error.code === '403') {
    return comfyuiError({
      kind: 'auth',
      outcome: 'accepted',
      ...say('file-forbidden', { server: label, file: file.filename, status: error.code }),
      cause: error,
    });
  }
  return ImageError.with(error, {
    ...changes,
    retryable: true,
    code: 'file-missing',
    ...say('file-missing', { server: label, file: file.filename }),
  });
}

/** Writes the bytes of a frame into the sink of an index. */
export async function writeFrame(frame: ImageFrame, index: number, context: JobContext): Promise<ImageInfo> {
  const info = inspectImage(frame.bytes);
  if (info?.complete !== true) {
    throw comfyuiError({
      kind: 'bad-response',
      outcome: 'lost',
      ...say('frame-damaged'),
    });
  }
  const sink = await context.openImage(index);
  try {
    await sink.write(frame.bytes);
    await sink.close();
    return info;
  } catch (error) {
    await sink.abort().catch(() => undefined);
    throw comfyuiError({
      kind: 'storage',
      outcome: 'accepted',
      ...say('image-unwritten'),
      cause: error,
    });
  }
}

/** How many files of a node to look for where it is not known how many were asked for. */
const maxRescued = 64;

/**
 * Looks for the files of a job that the server has forgotten: their names begin with its prefixes, and they survive a restart.
 *
 * @param count How many images each node of the result gives.
 * @returns How many images were written, from index 0; 0 where one is missing, for a part is not the result.
 */
export async function rescueFiles(
  server: ComfyUIServer,
  prefixes: readonly string[],
  count: number | undefined,
  context: JobContext,
): Promise<number> {
  let written = 0;
  for (const prefix of prefixes) {
    const before = written;
    while (written - before < (count ?? maxRescued)) {
      const filename = `${prefix}_${String(written - before + 1).padStart(5, '0')}_.png`;
      try {
        await fetchFile(server, { filename, subfolder: '', type: 'output' }, written, context);
        written += 1;
      } catch (error) {
        // A file that is not there, or that a dying server has not finished writing.
        const missing = ImageError.isInstance(error) && (error.outcome === 'lost' || error.kind === 'bad-response');
        if (!missing) {
          throw error;
        }
        break;
      }
    }
    if (written - before < (count ?? 1)) {
      return 0;
    }
  }
  return written;
}
