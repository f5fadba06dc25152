import type { CardView } from '../assets/card-views.ts';
import type { PromptLanguage } from './script.ts';

/** What the template of a scene reference receives. */
export interface ScenePromptInput {
  /** The caller's sentence. */
  readonly text: string;
  /** A look in words; absent if there is none or the backend has a parameter for it. */
  readonly style?: string;
}

/** What the template of an object card receives. */
export interface CardPromptInput {
  readonly name: string;
  readonly description: string;
  /** A look in words; absent as above. */
  readonly style?: string;
  /** Whether the scene reference is sent as a picture to follow. */
  readonly hasReference: boolean;
  /** Whether a transparent ground is requested. */
  readonly transparent: boolean;
}

/** What the template of a further side of an object receives. The front card is sent as the first reference picture. */
export interface ViewPromptInput extends CardPromptInput {
  readonly view: Exclude<CardView, 'front'>;
}

/** What the template of a look in words receives. */
export interface LookPromptInput {
  /** The sentence of the scene; absent where there is no room for it. */
  readonly scene?: string;
  /** Names of the scene reference's main colours, the most frequent first. */
  readonly colours: readonly string[];
}

/** The words of one language. All functions are pure. */
export interface PromptTemplates {
  scene(input: ScenePromptInput): string;
  card(input: CardPromptInput): string;
  view(input: ViewPromptInput): string;
  /** Another image of the session (a texture, a background): the caller's prompt, and the look. */
  image(input: ScenePromptInput): string;
  /** The look of the scene reference, for what follows it without seeing it. */
  look(input: LookPromptInput): string;
  /** Words that keep something out of the picture, for backends without a negative prompt. */
  avoid(words: string): string;
  /** What a card must not show, for backends with a negative prompt. */
  readonly cardNegative: string;
}

const englishViews: Readonly<Record<ViewPromptInput['view'], string>> = {
  left: 'seen straight from its left-hand side as the viewer of that picture has it: the front of the object now points to the right edge.',
  back: 'seen straight from behind, without its front.',
  right:
    'seen straight from its right-hand side as the viewer of that picture has it: the front of the object now points to the left edge.',
};

const chineseViews: Readonly<Record<ViewPromptInput['view'], string>> = {
  left: '从它的左侧（以该图观看者的左手边为准）正对着看，物体的正面朝向画面右边缘。',
  back: '从它的正后方看，看不到正面。',
  right: '从它的右侧（以该图观看者的右手边为准）正对着看，物体的正面朝向画面左边缘。',
};

const english: PromptTemplates = {
  scene: ({ text, style }) =>
    join(' ', [
      `A wide establishing view of one coherent scene: ${sentence(text)}`,
      style === undefined ? '' : `Overall style: ${sentence(style)}`,
      'All furniture and objects are clearly visible and separable, in believable proportions, seen slightly from above.',
      'Clear, even lighting. Show only what the description names or implies.',
      'No people, no text, no watermark, no frame.',
    ]),
  card: ({ name, description, style, hasReference, transparent }) =>
    join(' ', [
      `A single isolated object: ${sentence(described(name, description, ', '))}`,
      hasReference
        ? 'Follow the style, colours, materials and shape language of the reference picture, but do not show its scene or any of its other objects.'
        : '',
      style === undefined ? '' : `Style: ${sentence(style)}`,
      transparent
        ? 'Fully transparent background, with nothing behind the object.'
        : 'Plain background in one even, light neutral colour.',
      'The whole object is in view, centred, seen from the front to a slight three-quarter angle, filling about 80 percent of the frame and touching no edge.',
      'Even, soft studio light. No cast shadow, no reflection, no ground, no other objects, no people, no text, no watermark.',
    ]),
  view: ({ name, description, style, hasReference, transparent, view }) =>
    join(' ', [
      `A single isolated object: ${sentence(described(name, description, ', '))}`,
      `The first reference picture shows it from the front. Draw the very same object, with the same shape, parts, colours, materials and proportions, but ${englishViews[view]}`,
      'The camera is level and at the same distance, so the object is exactly as tall as in the first picture.',
      hasReference
        ? 'The second reference picture only shows the style to keep: do not show its scene or any of its other objects.'
        : '',
      style === undefined ? '' : `Style: ${sentence(style)}`,
      transparent
        ? 'Fully transparent background, with nothing behind the object.'
        : 'Plain background in one even, light neutral colour.',
      'The whole object is in view, centred and touching no edge.',
      'Even, soft studio light. No cast shadow, no reflection, no ground, no other objects, no people, no text, no watermark.',
    ]),
  image: ({ text, style }) => join(' ', [sentence(text), style === undefined ? '' : `Style: ${sentence(style)}`]),
  look: ({ scene, colours }) =>
    join(' ', [
      scene === undefined ? '' : `It belongs to this scene, which is not to be shown: ${sentence(scene)}`,
      colours.length === 0 ? '' : `Main colours of the scene: ${colours.join(', ')}.`,
      'Use the same drawing style, colours and materials as the scene.',
    ]),
  avoid: (words) => `Avoid: ${sentence(words)}`,
  cardNegative:
    'several objects, cropped object, scene, room, people, hands, cast shadow, reflection, busy background, text, watermark, logo, frame',
};

const chinese: PromptTemplates = {
  scene: ({ text, style }) =>
    join('', [
      `一个完整、统一的场景全景：${ending(text)}`,
      style === undefined ? '' : `整体画风：${ending(style)}`,
      '略微俯视的视角，家具与物件清晰可辨、彼此分开，比例可信。',
      '光线明亮均匀，只画描述中提到或必然存在的内容。',
      '画面中没有人物、文字、水印和边框。',
    ]),
  card: ({ name, description, style, hasReference, transparent }) =>
    join('', [
      `单个物体：${ending(described(name, description, '，'))}`,
      hasReference ? '画风、色彩、材质与造型语言与参考图一致，但不要画出参考图中的场景和其他物件。' : '',
      style === undefined ? '' : `画风：${ending(style)}`,
      transparent ? '背景完全透明，物体后面没有任何内容。' : '纯色背景，浅色、均匀、无纹理。',
      '物体完整入画，居中，正面或略带四分之三侧面视角，约占画面的百分之八十，不接触画面边缘。',
      '光线柔和均匀，没有投影、倒影和地面，没有其他物件、人物、文字和水印。',
    ]),
  view: ({ name, description, style, hasReference, transparent, view }) =>
    join('', [
      `单个物体：${ending(described(name, description, '，'))}`,
      `第一张参考图是它的正面。请画同一个物体，形状、部件、颜色、材质和比例完全相同，但${chineseViews[view]}`,
      '相机保持水平，距离不变，物体的高度与第一张图完全一致。',
      hasReference ? '第二张参考图只用来保持画风，不要画出其中的场景和其他物件。' : '',
      style === undefined ? '' : `画风：${ending(style)}`,
      transparent ? '背景完全透明，物体后面没有任何内容。' : '纯色背景，浅色、均匀、无纹理。',
      '物体完整入画，居中，不接触画面边缘。',
      '光线柔和均匀，没有投影、倒影和地面，没有其他物件、人物、文字和水印。',
    ]),
  image: ({ text, style }) => join('', [ending(text), style === undefined ? '' : `画风：${ending(style)}`]),
  look: ({ scene, colours }) =>
    join('', [
      scene === undefined ? '' : `它属于以下场景，但不要画出场景本身：${ending(scene)}`,
      colours.length === 0 ? '' : `场景的主要颜色：${colours.join('、')}。`,
      '画风、色彩与材质与该场景一致。',
    ]),
  avoid: (words) => `画面中不要出现：${ending(words)}`,
  cardNegative: '多个物体，物体不完整，场景，房间，人物，手，投影，倒影，杂乱背景，文字，水印，标志，边框',
};

/** The built-in templates. */
export const defaultTemplates: Readonly<Record<PromptLanguage, PromptTemplates>> = { zh: chinese, en: english };

function join(separator: string, parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(separator);
}

/** Name and description as one phrase, without saying the name twice. */
function described(name: string, description: string, separator: string): string {
  const words = description.trim();
  if (words === '') return name.trim();
  return words.toLowerCase().startsWith(name.trim().toLowerCase()) ? words : `${name.trim()}${separator}${words}`;
}

function sentence(text: string): string {
  const words = text.trim();
  return /[.!?。！？…]$/u.test(words) ? words : `${words}.`;
}

function ending(text: string): string {
  const words = text.trim();
  return /[.!?。！？…]$/u.test(words) ? words : `${words}。`;
}
