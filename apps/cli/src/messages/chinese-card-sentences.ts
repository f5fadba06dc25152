import type { Sentence } from './translate.ts';

/** Why a card fails the gate, in Chinese. */
export const chineseCardSentences: readonly Sentence[] = [
  [
    'The picture is {}, not square. Ask for a square size such as 1024x1024, or normalise the card.',
    '图片是 {1}，不是正方形。请使用正方形尺寸（例如 1024x1024），或对卡片做规范化。',
  ],
  [
    'The picture is {}; its sides have to be at least {} pixels. Ask for a larger size.',
    '图片是 {1}；边长至少要 {2} 像素。请使用更大的尺寸。',
  ],
  [
    'The file has {} bytes; {} is the most. Ask for a smaller size, or normalise the card.',
    '文件有 {1} 字节；最多 {2}。请使用更小的尺寸，或对卡片做规范化。',
  ],
  [
    'The picture has an alpha channel that is opaque everywhere, so that image-to-3D models take the whole frame for the object. Remove the channel or the ground, or normalise the card.',
    '图片的透明通道处处不透明，图生 3D 模型会把整个画面当作物体。请去掉透明通道或背景，或对卡片做规范化。',
  ],
  [
    'The picture has an alpha channel that makes only {} of it transparent, so that image-to-3D models take the whole frame for the object. Remove the channel or the ground, or normalise the card.',
    '图片的透明通道只有 {1} 透明，图生 3D 模型会把整个画面当作物体。请去掉透明通道或背景，或对卡片做规范化。',
  ],
  [
    '{} of the object is partly transparent. Describe it as solid and opaque, or make the card again.',
    '物体有 {1} 半透明。请描述为实心不透明，或重新生成卡片。',
  ],
  [
    'Only {} of the border is one plain ground: the picture is a scene, or the object fills it. Ask for a plain background in one colour.',
    '边缘只有 {1} 是单一背景：画面是场景，或物体占满了画面。请要求单色背景。',
  ],
  [
    "The ground's colour differs by {} levels of 255 from place to place; {} is the most. Ask for an even background without gradient or vignette.",
    '背景颜色各处相差 {1} 级（共 255 级）；最多 {2} 级。请要求均匀、无渐变和暗角的背景。',
  ],
  [
    'The ground has a grain or texture of {} levels; {} is the most. Ask for a smooth background without texture.',
    '背景有 {1} 级的颗粒或纹理；最多 {2} 级。请要求平滑、无纹理的背景。',
  ],
  [
    "Almost nothing stands out from the ground ({} of the frame). The object may have the ground's own colour: ask for a background that contrasts with it.",
    '几乎没有东西从背景中突出（占画面 {1}）。物体可能与背景同色：请要求有对比的背景。',
  ],
  [
    "What stands out is a plain rectangle of {} of the frame's side, such as a scene in a frame. Ask for a single object without frame or border.",
    '突出的是一个占画面边长 {1} 的矩形，例如带框的场景。请要求单个物体，不带边框。',
  ],
  [
    "{} of the object's outline fades into the ground, so that the object cannot be told from it. Ask for a background that contrasts with the object, without shadow or glow.",
    '物体轮廓有 {1} 融入背景，无法区分。请要求与物体有对比的背景，不带阴影或光晕。',
  ],
  [
    "{} of the object has exactly the ground's colour: it may be only an outline. Ask for a background that contrasts with the object.",
    '物体有 {1} 与背景完全同色：可能只是轮廓线。请要求与物体有对比的背景。',
  ],
  [
    'There are {} separate things in the picture. Ask for one single object without text, marks or loose pieces.',
    '画面中有 {1} 个分离的东西。请要求单个物体，不带文字、标记或零散部件。',
  ],
  [
    'The object touches an edge of the picture (free margin {} of the side), so that it may be cut off. Ask for the whole object with a margin all around.',
    '物体碰到画面边缘（留白为边长的 {1}），可能被截断。请要求完整的物体，四周留白。',
  ],
  [
    "The object takes only {} of the frame's side; {} is the least. Ask for an object that fills about 80 percent of the frame.",
    '物体只占画面边长的 {1}；至少要 {2}。请要求物体占画面约 80%。',
  ],
  [
    "The object takes {} of the frame's side; {} is the most. Ask for a margin all around.",
    '物体占画面边长的 {1}；最多 {2}。请要求四周留白。',
  ],
  [
    'A soft shadow or glow covers {} of the picture ({} off the ground), which becomes a slab in 3D. Ask for no cast shadow and no reflection, or normalise the card.',
    '柔和的阴影或光晕覆盖画面的 {1}（与背景相差 {2}），在 3D 中会变成一块板。请要求无投影、无倒影，或对卡片做规范化。',
  ],
];
