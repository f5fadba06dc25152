/** What the command line says when something is wrong with the command, its input or its configuration, in English. */
export const englishErrors = {
  didYouMean: (name: string): string => `Did you mean ${name}?`,
  choices: (names: string): string => `Allowed: ${names}.`,
  age: 'It must be an age in days or hours, such as 30d or 12h.',
  integerFrom: (min: number): string => `It must be an integer of at least ${min}.`,
  integerBetween: (min: number, max: number): string => `It must be an integer between ${min} and ${max}.`,
  numberBetween: (min: number, max: number): string => `It must be a number between ${min} and ${max}.`,
  keyValue: 'It must be key=value, such as quality=high.',
  size: 'It must be <width>x<height> in pixels, such as 1024x1024.',
  unknownOption: (flag: string): string => `unknown option '${flag}'`,
  unknownCommand: (name: string): string => `unknown command '${name}'`,
  missingArgument: (name: string): string => `missing required argument '${name}'`,
  missingOptionValue: (flags: string): string => `option '${flags}' argument missing`,
  invalidOptionValue: (flags: string, value: string, reason: string): string =>
    `option '${flags}' argument '${value}' is invalid. ${reason}`,
  invalidArgument: (name: string, value: string, reason: string): string =>
    `argument '${name}' cannot be '${value}'. ${reason}`,
  excessArguments: (command: string, expected: number, count: number): string =>
    `too many arguments${command === '' ? '' : ` for '${command}'`}. Expected ${expected} but got ${count}. Quote words that belong together.`,
  environmentFile: (file: string, code: string, isNamed: boolean): string =>
    `The environment file ${file} cannot be read (${code}). ${isNamed ? 'Check --dotenv.' : 'Make it readable, or pass --no-dotenv.'}`,
  environmentLine: {
    notVariable: (where: string): string => `${where} is not a variable. Write NAME=value, or put # before a comment.`,
    openQuote: (where: string, name: string): string => `${where}: the value of ${name} has no closing quote.`,
    nearVariable: (where: string, name: string, near: string): string =>
      `${where}: ${name} is not a known variable. Did you mean ${near}?`,
  },
  notConfigured: (name: string, reason: string): string => `The backend ${name} is not configured. ${reason}`,
  configuredWrongly: (name: string, problem: string): string => `The backend ${name} is configured wrongly. ${problem}`,
  noneAvailable: 'No backend is available.',
  noneConfigured: 'No backend is configured.',
  doctorShowsMore: '"doctor" shows more.',
  noFolder: (folder: string): string => `There is no folder ${folder}. Name the output folder with --out.`,
  noSession: (session: string): string => `There is no session ${session} here. "sessions list" shows all of them.`,
  noJob: (id: string): string => `No job here is called "${id}". "jobs list --all" shows all of them.`,
  severalJobs: (id: string, names: string): string => `${id} may be any of ${names}. Write the full id of one of them.`,
  damagedJob: (taskId: string): string =>
    `The store's row of ${taskId} is damaged, and what it asked for is lost. Run the task itself again.`,
  notPayable: (taskId: string, state: string, advice: string): string =>
    `${taskId} is ${state}, not unknown or lost: ${advice}.`,
  sessionJob: (taskId: string, scope: string): string =>
    `${taskId} belongs to ${scope}: run the same "scene" command with --resubmit-unknown, so that its lock and manifest follow.`,
  referenceWasNoFile: (taskId: string): string =>
    `${taskId} had a reference picture that was not a file. Send it from the program that has the picture.`,
  reference: (path: string, code: string): string =>
    `The reference picture ${path} cannot be read (${code}). Check --ref.`,
  noBatch: (batch: string): string => `No open job here belongs to a batch "${batch}". "jobs" shows the batches.`,
  severalBatches: (batch: string, batches: string): string =>
    `Several batches begin with ${batch}: ${batches}. Give more of the id.`,
  noEconomy: (backend: string): string => `${backend} has no batches at a lower price. Leave --economy out.`,
  noWaitAlone: '--no-wait needs --economy: other jobs are not kept for a day.',
  onlyComfyUI: (flag: string): string => `--${flag} belongs to ComfyUI: add --backend comfyui.`,
  flagUnset: (flag: string, value: string): string =>
    `${flag} is ${value}, which names nothing. Leave it out, or give a name.`,
  modelOfAuto: '--model needs a backend: name it with --backend.',
  noModelChoice: (backend: string): string => `The model of ${backend} cannot be chosen. Leave --model out.`,
  noPreviews: (backend: string): string => `${backend} sends no previews. Leave --preview out.`,
  preview: (file: string, reason: string): string => `the preview ${file} cannot be written (${reason}).`,
  pictureName: (file: string, extension: string): string =>
    `${file}: no backend makes ${extension} files. Use a name ending in .png, .jpg, .jpeg or .webp.`,
  formatDiffers: (file: string, format: string): string =>
    `${file} does not end like a ${format} picture. Change the name or --format.`,
  emptyScene: 'The text of the scene is empty. Describe the scene.',
  emptyStyle: 'The style is empty. Describe it, or leave --style out.',
  lockedElsewhere: (backend: string): string => `The session is locked to ${backend}, which is not configured.`,
  permits: (reason: string): string =>
    `other processes on this machine do not see this one's jobs: ${reason} HOLODECK_STATE_DIR names another folder.`,
  batch: {
    cannotRead: (file: string, code: string): string =>
      `The batch file ${file} cannot be read (${code}). For a pipe, name - and use standard input.`,
    cannotReadFurther: (file: string, reason: string): string => `${file} cannot be read further: ${reason}`,
    sameTaskId: (where: string, id: string): string => `${where}: an earlier line has the same taskId ${id}.`,
    sameFile: (where: string, file: string): string => `${where}: an earlier line writes to the same file ${file}.`,
    outside: (file: string): string =>
      `"out" ${file} may leave the workers' output folder. Give a path below it, or allow others (--allow-outside, here and on the workers).`,
    at: (where: string, problem: string): string => `${where}: ${problem}`,
    notUtf8: 'it is not UTF-8 text',
    utf16: 'The file is UTF-16; save it as UTF-8.',
    longLine: (line: number, bytes: number): string => `Line ${line} is longer than ${bytes} bytes.`,
    notJson: (reason: string): string => `it is not JSON (${reason})`,
    notObject: 'it must be a JSON object such as {"prompt": "..."}',
    unknownKey: (key: string, hint: string): string => `"${key}" is not a known key. ${hint}`,
    knownKeys: (keys: string): string => `Known keys: ${keys}.`,
    mustBe: (key: string, expected: string): string => `"${key}" must be ${expected}`,
    outTwice: 'it has both "out" and "outputPath"; give one',
    noPrompt: 'it has no "prompt"',
    badReference: 'each reference must be a file name or {"path", "role"}',
    unknownReferenceKey: (key: string): string => `a reference has the unknown key "${key}"`,
    badRole: 'the role of a reference must be "style" or "init"',
    string: 'a string',
    number: 'a number',
    object: 'an object',
    sizeString: 'a string such as "1024x1024"',
    truth: 'true or false',
    fileList: 'a list of file names',
    either: (names: string): string => `one of ${names}`,
  },
  card: {
    cannotRead: (file: string, reason: string): string => `The picture ${file} cannot be read (${reason}).`,
    notFile: (file: string): string => `${file} is not a file. Name the file of a picture.`,
    tooLarge: (file: string, most: number): string =>
      `The picture ${file} has more than ${most} bytes. Make it smaller.`,
    cannotWrite: (file: string, reason: string): string =>
      `The card ${file} cannot be written (${reason}). Name another file with --out.`,
    samePath: (file: string): string => `--out names the picture itself (${file}). Name another file.`,
  },
  objects: {
    option: (text: string): string => `--object ${text} must be "name: description", such as "lamp: brass desk lamp".`,
    cannotRead: (file: string, reason: string): string => `The objects file ${file} cannot be read: ${reason}`,
    notList: (file: string): string => `The objects file ${file} must hold a list, or an object with "objects".`,
    loneSurrogate: (file: string): string =>
      `The objects file ${file} has half of a character pair (a lone surrogate). Write that text again.`,
    entry: (file: string, index: number, problem: string): string => `${file}, object ${index}: ${problem}`,
    notObject: 'it must be {"name": "...", "description": "..."}.',
    unknownKey: (key: string, known: string): string => `unknown key "${key}". Known: ${known}.`,
    wrongValue: (key: string): string => `"${key}" has a wrong value.`,
    missing: (key: string): string => `"${key}" is missing.`,
  },
  cost: {
    maxCost: 'It must be an amount such as 2, or 2CNY.',
    oneCurrency: 'Several limits must each name their currency: --max-cost 2CNY --max-cost 0.5USD.',
    prices: (file: string, reason: string): string => `The price file ${file} cannot be read: ${reason}`,
    notPrices: (file: string): string =>
      `The price file ${file} must hold an object such as {"hunyuan": {"perImage": 0.2, "currency": "CNY"}}.`,
  },
  queue: {
    noAddress: 'Say where the queue is: --queue redis://host:6379/0, or HOLODECK_STORE.',
    noResubmit: 'With --queue, --resubmit-unknown has no effect. Use "jobs pay-again <id>" for each.',
    notTold: (found: string): string =>
      `The queue is not clear: no backend is configured here, and ${found}. Configure the backend, or start its worker first.`,
    forWorkers: (option: string): string => `With --queue, ${option} has no effect: the workers pay, and decide it.`,
    noQueue: 'no worker has opened a queue',
    several: (names: string): string => `there are several queues (${names})`,
  },
  emulate: {
    onlyHunyuan: '--limit and --slot-tail-ms are for hunyuan: the other services have no such limit.',
    cannotRead: (file: string, reason: string): string => `The faults file ${file} cannot be read: ${reason}`,
    listForOne: (file: string): string =>
      `The faults file ${file} holds a list: name the one service that it is for, or use {"hunyuan": [...]}.`,
    notList: (file: string): string => `The faults file ${file} must hold a list or an object.`,
    unknownService: (file: string, service: string, known: string): string =>
      `In the faults file ${file}, "${service}" must be one of ${known} with a list.`,
    port: (port: number, service: string, code: string): string =>
      `Port ${port} is not available for the ${service} emulator (${code}). Choose another --port, or 0.`,
    cannotStart: (service: string, reason: string): string => `The ${service} emulator could not start: ${reason}`,
  },
};
