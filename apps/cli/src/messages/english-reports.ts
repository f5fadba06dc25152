/** What the commands say while they work and when they end, in English. */
export const englishReports = {
  error: 'error: ',
  warning: 'warning: ',
  unexpected: 'unexpected; HOLODECK_DEBUG=1 shows where',
  stopping: 'Stopping as soon as nothing is in flight. Press Ctrl-C again to exit at once.',
  submitted: (count: number, out: string): string =>
    `${count} submitted. The images are ready within 24 hours; fetch them with: holodeck resume --out ${out}`,
  heldBack: (count: number): string =>
    `${count} not submitted: --max-cost may have room for more once the images are fetched. Then run the same command again.`,
  interrupted: 'Interrupted. The same command continues where this one stopped.',
  economy: (submitted: number, done: number, minutes: number, saving: string): string =>
    `${submitted} submitted in batches, ${done} of ${submitted} done after ${minutes} min; saves ${saving}. Stop at any time: "resume" fetches them.`,
  interruptedBatch: (folder: string): string =>
    `Interrupted. What was submitted goes on at the service: fetch it with "resume --out ${folder}", or run the same command again.`,
  using: (backend: string, model: string): string => `Using ${backend} (${model}).`,
  sessionUses: (session: string, backend: string, model: string): string =>
    `Session ${session} uses ${backend} (${model}).`,
  labelled: (label: string, text: string): string => `${label}: ${text}`,
  remark: (text: string): string => ` (${text})`,
  images: (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`,
  failure: (message: string, kind: string, outcome: string): string => `${message} [${kind}, ${outcome}]`,
  imagesAt: (folder: string): string => `Images:   ${folder}`,
  manifestAt: (file: string): string => `Manifest: ${file}`,
  made: (count: number): string => `${count} made`,
  present: (count: number): string => `${count} already there or paid for`,
  cached: (count: number): string => `${count} from the cache`,
  spent: (count: number, amounts: string): string =>
    `Paid submissions: ${count}${amounts === '' ? '' : `, ${amounts} by the price list`}.`,
  failed: (count: number): string => `${count} failed`,
  moreOverBudget: (count: number): string =>
    `${count} more ${count === 1 ? 'was' : 'were'} not sent for the same reason: the budget leaves no room.`,
  notIsolated: (count: number): string => `${count} not isolated`,
  interruptedCount: (count: number): string => `${count} interrupted`,
  listSeparator: ', ',
  cardNotIsolated: (assetId: string, reasons: string): string =>
    `${assetId}: the gate does not find one isolated object: ${reasons}`,
  done: (taskId: string, count: number, size: string, source: string): string =>
    `${taskId}: done, ${count > 1 ? `${count} images, ` : ''}${size}, ${source}`,
  madeIn: (seconds: string): string => `made in ${seconds} s`,
  wasPresent: 'already there or paid for',
  fromCache: 'from the cache',
  previewAt: (file: string): string => `Preview: ${file}`,
  accepted: (taskId: string): string => `${taskId}: accepted`,
  waiting: (reason: string): string => `waiting: ${reason}`,
  resumed: (tasks: string, sessions: string): string => `Tasks: ${tasks}. Sessions: ${sessions}.`,
  nothingToResume: 'There is nothing to resume: no job that was paid for is open.',
  leftOpen: (count: number): string =>
    `${count} open ${count === 1 ? 'job was' : 'jobs were'} left alone: another process is working on ${count === 1 ? 'it' : 'them'}, or the backend is not configured. "jobs" shows more.`,
  noJobs: 'No jobs are open, unknown or failed.',
  forgot: (taskId: string, count: number): string =>
    `Forgot ${taskId} (${count} ${count === 1 ? 'submission' : 'submissions'}).`,
  pruned: (count: number): string =>
    `Removed ${count} done ${count === 1 ? 'submission' : 'submissions'} from the list.`,
  jobOf: (backend: string, jobId: string): string => `${backend} job ${jobId}`,
  noSessions: 'There are no sessions.',
  lock: (session: string, state: string, backend: string | undefined, model: string, epoch: number): string =>
    `${session}: ${state}${backend === undefined ? '' : ` on ${backend} (${model})`}, epoch ${epoch}`,
  duplicateTask: (where: string): string => `${where}: an earlier line is the same and has the same file; made once.`,
  line: (file: string, line: number | string): string => `${file} line ${line}`,
  standardInput: 'standard input',
  plan: {
    backend: (backend: string, model: string, reason: string): string => `Backend: ${backend} (${model}), ${reason}`,
    locked: 'to which the session is locked',
    asset: (assetId: string, isThere: boolean, prompt: string): string =>
      `${assetId}${isThere ? ' (already there)' : ''}: ${prompt}`,
    unknownCost: 'unknown; see the price list of the service',
    about: (cost: number, currency: string): string => `about ${cost} ${currency}`,
    total: (count: number, cost: string): string =>
      `Images to make: ${count}. Estimated cost: ${cost}. Nothing was sent.`,
    submissions: (count: number, cost: string): string =>
      `Submissions to pay for: ${count}. Estimated cost: ${cost}. Nothing was sent.`,
    toFetch: (count: number): string =>
      count === 0 ? englishReports.nothingToResume : `Jobs to finish: ${count}. That costs nothing. Nothing was sent.`,
    nothing: 'nothing',
    overLimit: (cost: number, limit: number, currency: string): string =>
      `${cost} ${currency} is more than --max-cost allows (${limit}): some of it would not be sent.`,
    actions: {
      submit: (task: string, backend: string, model: string, cost: string): string =>
        `${task}: send to ${backend} (${model})${cost === '' ? '' : `, ${cost}`}`,
      collect: (task: string, backend: string, job: string): string =>
        `${task}: finish what was paid for${job === '' ? '' : ` (${backend} job ${job})`}`,
      cache: 'take from the cache',
      present: 'already there',
      wait: 'another process is working on it',
      unknown: 'it may have been paid for; left alone without --resubmit-unknown',
    },
    earlier: {
      sentAgain: 'it may have been paid for, and is sent again because of --resubmit-unknown',
      paidAgain: 'the earlier submission is lost and counts as paid; it is sent and paid again',
      notRepaid: 'the earlier submission is lost and counts as paid; not paid again because of --no-repay',
    },
  },
  cache: {
    status: (folder: string, count: number, megabytes: string, most: string): string =>
      `${folder}: ${count} ${count === 1 ? 'result' : 'results'}, ${megabytes} MiB of at most ${most} MiB`,
    cleared: (count: number, megabytes: string): string =>
      `Removed ${count} ${count === 1 ? 'result' : 'results'}, ${megabytes} MiB.`,
  },
  queue: {
    concurrencyIsForWorkers: 'with --queue, --concurrency is for the workers.',
    none: 'No queue was ever opened here. "worker --queue <url>" opens one.',
    unknownBackend: 'unknown backend',
    counts: (
      waiting: number,
      active: number,
      limit: number | undefined,
      delayed: number,
      completed: number,
      failed: number,
    ): string =>
      `${waiting} waiting, ${active} running${limit === undefined ? '' : ` of at most ${limit}`}, ${delayed} put back, ${completed} done, ${failed} failed`,
    worker: (name: string, active: number, completed: number, failed: number, refusals: number): string =>
      `worker ${name}: ${active} running, ${completed} done, ${failed} failed, ${refusals} refusals`,
    noWorker: 'no worker',
    givenUp: (taskIds: string): string => `given up, because workers died while they ran them: ${taskIds}`,
    workingOn: (lane: string): string => `working on ${lane}`,
    metrics: (url: string): string => `Metrics: ${url}`,
    stopped: (completed: number, failed: number, requeued: number): string =>
      `Stopped: ${completed} made, ${failed} failed, ${requeued} put back.`,
  },
  serving: (url: string): string => `Serving ${url}/v1 until Ctrl-C. The API: ${url}/docs`,
  keyShownOnce: 'The key is shown only now. Keep it.',
  keyRevoked: (name: string): string => `${name} is revoked.`,
  emulate: {
    isEmulator: (service: string): string => `# ${service}: this is an emulator, not the service. Its images say so.`,
    running: 'Emulators run until Ctrl-C. Faults and figures: POST /__control, GET /__ledger on each.',
    ledger: (service: string, figures: string): string => `# ${service} emulator's ledger: ${figures}`,
  },
  /** The words for the states of a task, and what to do with one that is not done. */
  states: {
    queued: 'queued',
    submitting: 'submitting',
    accepted: 'accepted',
    ended: 'ended',
    received: 'received',
    done: 'done',
    rejected: 'rejected',
    failed: 'failed',
    lost: 'lost',
    cancelled: 'cancelled',
    unknown: 'unknown',
  },
  advice: {
    submitting: 'a process is sending it, or died while it did; "resume" settles it',
    accepted: 'paid for and running; "resume" fetches it',
    ended: 'paid for and ready; "resume" fetches it',
    received: 'downloaded; "resume" finishes it',
    rejected: 'the service refused it; nothing was paid. The same command tries again',
    failed: 'the service could not make it. The same command tries again',
    lost: 'paid for and no longer available. "jobs pay-again <id>" pays for it again',
    cancelled: 'cancelled at the service. The same command sends it again',
    unknown:
      'it may have arrived and been paid. Look at the service\'s console; then "jobs pay-again <id>" or "jobs forget <id>"',
    nothing: 'there is nothing to pay',
  },
  jobsOfBatch: (batch: string, count: number, since: string): string =>
    `${batch}: ${count} ${count === 1 ? 'image' : 'images'}, submitted ${since}. "jobs cancel ${batch}" stops it.`,
  batchCancelled: (batch: string): string =>
    `${batch} is being cancelled. Images that it has made stay paid: "resume" fetches them. Nothing is owed for the others.`,
  stateAdvice: (count: number, state: string, advice: string): string => `${count} ${state}: ${advice}.`,
  sessionStates: { free: 'free', claimed: 'claimed', locked: 'locked' },
  assetStates: { pending: 'pending', current: 'current', stale: 'stale', failed: 'failed', superseded: 'superseded' },
  live: {
    done: (count: number): string => `${count} done`,
    running: (count: number): string => `${count} running`,
    queued: (count: number): string => `${count} queued`,
    failed: (count: number): string => `${count} failed`,
    more: (count: number): string => `... ${count} more running`,
    queuedAtProvider: 'queued at the provider',
    queuePosition: (position: number): string => `number ${position} in the provider's queue`,
    runningAtProvider: (node?: string, step?: number, steps?: number): string => {
      const at = steps === undefined ? '' : `step ${step} of ${steps}`;
      return ['running', ...[node, at].filter(Boolean)].join(', ');
    },
    downloading: 'downloading',
    waiting: 'waiting',
    seconds: (count: number): string => `${count} s`,
    left: (seconds: number): string =>
      `about ${seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`} left`,
  },
};
