import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  // Options.
  'no-option': { en: 'The card gate has no option {name}; it has {known}.', zh: '卡片质检没有选项 {name}；可用的有 {known}。' },
  'shadow-option': { en: 'The card gate\'s option shadow is "fail", "warn" or "ignore", not {value}.', zh: '卡片质检的选项 shadow 应为 "fail"、"warn" 或 "ignore"，而不是 {value}。' },
  'number-option': { en: "The card gate's option {name} is a number from 0 up, not {value}.", zh: '卡片质检的选项 {name} 应为不小于 0 的数，而不是 {value}。' },
  'side-option': { en: 'The side of a normalised card is a whole number from 64 to 4096 pixels, not {value}.', zh: '规范化卡片的边长应为 64 到 4096 像素的整数，而不是 {value}。' },
  'share-option': { en: "The object's share of a normalised card is a number between 0.1 and 1, not {value}.", zh: '物体占规范化卡片的比例应在 0.1 与 1 之间，而不是 {value}。' },
  // The file and the frame.
  decodes: { en: 'The file is a whole {format} picture.', zh: '文件是完整的 {format} 图片。' },
  undecodable: { en: 'The file is not a whole picture. Make the card again.', zh: '文件不是完整的图片。请重新生成卡片。' },
  square: { en: 'The picture is square ({size}).', zh: '图片是正方形（{size}）。' },
  'not-square': { en: 'The picture is {size}, not square. Ask for a square size such as 1024x1024, or normalise the card.', zh: '图片是 {size}，不是正方形。请使用正方形尺寸（例如 1024x1024），或对卡片做规范化。' },
  'large-enough': { en: 'The picture is large enough ({size}).', zh: '图片足够大（{size}）。' },
  'too-small': { en: 'The picture is {size}; its sides have to be at least {least} pixels. Ask for a larger size.', zh: '图片是 {size}；边长至少要 {least} 像素。请使用更大的尺寸。' },
  'small-file': { en: 'The file is small enough ({bytes} bytes).', zh: '文件足够小（{bytes} 字节）。' },
  'large-file': { en: 'The file has {bytes} bytes; at most {most} are allowed. Ask for a smaller size, or normalise the card.', zh: '文件有 {bytes} 字节；最多 {most}。请使用更小的尺寸，或对卡片做规范化。' },
  // Alpha.
  'opaque-alpha': { en: 'The picture has an alpha channel that is opaque everywhere, so image-to-3D models take the whole frame for the object. Remove the channel or the ground, or normalise the card.', zh: '图片的透明通道处处不透明，图生 3D 模型会把整个画面当作物体。请去掉透明通道或背景，或对卡片做规范化。' },
  'little-alpha': {
    en: 'The picture has an alpha channel that makes only {share} of it transparent, so image-to-3D models take the whole frame for the object. Remove the channel or the ground, or normalise the card.',
    zh: '图片的透明通道只有 {share} 透明，图生 3D 模型会把整个画面当作物体。请去掉透明通道或背景，或对卡片做规范化。',
  },
  alpha: { en: '{share} of the picture is fully transparent and the object is opaque.', zh: '图片有 {share} 完全透明，物体不透明。' },
  translucent: { en: '{share} of the object is partly transparent. Describe it as solid and opaque, or make the card again.', zh: '物体有 {share} 半透明。请描述为实心不透明，或重新生成卡片。' },
  // The ground.
  'plain-ground': { en: '{share} of the border is one plain ground.', zh: '边缘有 {share} 是单一背景。' },
  'no-plain-ground': { en: 'Only {share} of the border is one plain ground: the picture is a scene, or the object fills it. Ask for a plain background in one colour.', zh: '边缘只有 {share} 是单一背景：画面是场景，或物体占满了画面。请要求单色背景。' },
  'even-ground': { en: 'The ground is even (its colour differs by {levels} levels from place to place).', zh: '背景均匀（颜色各处相差 {levels} 级）。' },
  'uneven-ground': { en: "The ground's colour differs by {levels} levels of 255 from place to place; {most} is the most. Ask for an even background without gradient or vignette.", zh: '背景颜色各处相差 {levels} 级（共 255 级）；最多 {most} 级。请要求均匀、无渐变和暗角的背景。' },
  'smooth-ground': { en: 'The ground is smooth (grain of {levels} levels).', zh: '背景平滑（颗粒 {levels} 级）。' },
  'rough-ground': { en: 'The ground has a grain or texture of {levels} levels; {most} is the most. Ask for a smooth background without texture.', zh: '背景有 {levels} 级的颗粒或纹理；最多 {most} 级。请要求平滑、无纹理的背景。' },
  // The object.
  isolated: { en: 'An object stands out from the ground ({share} of the frame).', zh: '物体从背景中突出（占画面 {share}）。' },
  'nothing-there': { en: "Almost nothing stands out from the ground ({share} of the frame). The object may have the ground's own colour: ask for a background that contrasts with it.", zh: '几乎没有东西从背景中突出（占画面 {share}）。物体可能与背景同色：请要求有对比的背景。' },
  plate: { en: "What stands out is a plain rectangle of {share} of the frame's side, such as a scene in a frame. Ask for a single object without frame or border.", zh: '突出的是一个占画面边长 {share} 的矩形，例如带框的场景。请要求单个物体，不带边框。' },
  'soft-edges': { en: "{share} of the object's outline fades into the ground, so the object cannot be told from it. Ask for a background that contrasts with the object, without shadow or glow.", zh: '物体轮廓有 {share} 融入背景，无法区分。请要求与物体有对比的背景，不带阴影或光晕。' },
  'faint-lines': { en: 'Parts of the picture have almost the colour of the ground, so the object cannot be told from it. Ask for a background that contrasts with the object.', zh: '画面有些部分与背景几乎同色，无法区分物体。请要求与物体有对比的背景。' },
  'outline-only': { en: "{share} of the object has exactly the ground's colour: it may be only an outline. Ask for a background that contrasts with the object.", zh: '物体有 {share} 与背景完全同色：可能只是轮廓线。请要求与物体有对比的背景。' },
  'one-object': { en: 'There is one object.', zh: '有一个物体。' },
  'several-objects': { en: 'There are {count} separate things in the picture. Ask for one single object without text, marks or loose pieces.', zh: '画面中有 {count} 个分离的东西。请要求单个物体，不带文字、标记或零散部件。' },
  margin: { en: 'The object keeps {share} of the side free to the nearest edge.', zh: '物体到最近的边缘留白为边长的 {share}。' },
  'touches-edge': { en: 'The object touches an edge of the picture (free margin {share} of the side), so it may be cut off. Ask for the whole object with a margin all around.', zh: '物体碰到画面边缘（留白为边长的 {share}），可能被截断。请要求完整的物体，四周留白。' },
  'frame-share': { en: "The object takes {share} of the frame's side.", zh: '物体占画面边长的 {share}。' },
  'small-object': { en: "The object takes only {share} of the frame's side; {least} is the least. Ask for an object that fills about 80 percent of the frame.", zh: '物体只占画面边长的 {share}；至少要 {least}。请要求物体占画面约 80%。' },
  'large-object': { en: "The object takes {share} of the frame's side; {most} is the most. Ask for a margin all around.", zh: '物体占画面边长的 {share}；最多 {most}。请要求四周留白。' },
  'no-shadow': { en: 'There is no soft shadow on the ground.', zh: '背景上没有柔和的阴影。' },
  shadow: { en: 'A soft shadow or glow covers {share} of the picture ({depth} off the ground), which becomes a slab in 3D. Ask for no cast shadow and no reflection, or normalise the card.', zh: '柔和的阴影或光晕覆盖画面的 {share}（与背景相差 {depth}），在 3D 中会变成一块板。请要求无投影、无倒影，或对卡片做规范化。' },
  // Doubts.
  'perhaps-hard-shadow': { en: "Perhaps {share} of the object is a shadow with a hard edge: one even tone of the ground's hue lies at its foot. Look at it; ask for no cast shadow.", zh: '物体的 {share} 可能是边缘清晰的阴影：底部有一块与背景色相相同的均匀色块。请查看，并要求无投影。' },
  'perhaps-touching-objects': { en: 'Perhaps these are two things that touch: {share} of the object hangs on the rest by a narrow neck. Look at it; ask for a single object.', zh: '可能是两个相互接触的东西：物体的 {share} 只通过狭窄的连接与其余部分相连。请查看，并要求只画一个物体。' },
  'perhaps-reflection': { en: 'Perhaps the lowest {share} of the object is its reflection: it repeats what stands above, fainter and upside down. Look at it; ask for no reflection.', zh: '物体最下方的 {share} 可能是倒影：它上下颠倒、更淡地重复了上方的内容。请查看，并要求无倒影。' },
  // What is not measured.
  'not-looked-at': { en: 'Whether it shows the object asked for, and text or marks on it, was not looked at.', zh: '未检查画面是否为所要的物体，以及物体上是否有文字或标记。' },
  'parts-not-told': { en: 'Two things that touch along a whole side, and a shadow with shades of its own, cannot be told from parts of the object.', zh: '沿整条边相接的两个东西，以及自身有明暗变化的阴影，无法与物体的部分区分。' },
  'remover-outline': { en: 'Whether {remover} found the right outline was not looked at.', zh: '未检查 {remover} 找到的轮廓是否正确。' },
  // The background remover.
  'remover-missing': { en: 'The background remover needs the package {peer}, which is not installed. Install it beside this one (npm install {peer}@1.4); its licence is AGPL-3.0.', zh: '去背景需要 {peer} 包，但尚未安装。请一并安装（npm install {peer}@1.4）；其许可证为 AGPL-3.0。' },
  'remover-option': { en: 'The background remover has a name and a function removeBackground.', zh: '去背景工具需要有 name 和 removeBackground 函数。' },
  'remover-failed': { en: 'The background remover {remover} failed, so the picture stays as it is: {reason}', zh: '去背景工具 {remover} 失败，图片保持原样：{reason}' },
  'remover-size': { en: 'The background remover {remover} answered with a picture of another size, so the picture stays as it is.', zh: '去背景工具 {remover} 返回了另一尺寸的图片，图片保持原样。' },
  'remover-no-card': { en: 'What the background remover {remover} cut out is not a card, so the picture stays as it is: {reason}', zh: '去背景工具 {remover} 抠出的结果不能用作卡片，图片保持原样：{reason}' },
  // Why a card is not normalised.
  'already-transparent': { en: 'The picture is already transparent and fits.', zh: '图片已经透明，符合要求。' },
  'dark-shadow': { en: 'The shadow on the ground is too dark to be told from the object.', zh: '背景上的阴影太深，无法与物体区分。' },
  'broad-shadow': { en: 'What looks like a shadow is larger than the object: the object may fade into the ground.', zh: '看起来像阴影的部分比物体还大：物体可能融入了背景。' },
} as const;

/** Says what the gate has found on a card, and why options make no sense. */
export const say: Say<typeof texts> = defineMessages('cards', texts);
