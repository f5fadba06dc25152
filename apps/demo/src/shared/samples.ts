/** A scene to start from. */
export interface Sample {
  readonly title: string;
  readonly text: string;
  readonly style: string;
  readonly objects: readonly (readonly [name: string, description: string])[];
}

/** The sessions of the first samples, which a first start makes for the page to open with. */
export const openingIds = { en: 'opening-en', zh: 'opening-zh' } as const;

/** Scenes to start from, by language. */
export const samples: Readonly<Record<'en' | 'zh', readonly Sample[]>> = {
  en: [
    {
      title: 'Noodle bar',
      text: 'A noodle bar at the end of an alley on a rainy night: warm lamplight, steam over the pots, rain outside the window',
      style: 'watercolour',
      objects: [
        ['stool', 'an old round wooden stool'],
        ['teapot', 'a round brown clay teapot'],
        ['lantern', 'a red paper lantern'],
        ['noodle bowl', 'a blue and white porcelain bowl of noodle soup'],
        ['table', 'a square wooden table, polished by years of use'],
      ],
    },
    {
      title: 'Attic study',
      text: 'An attic study full of old books, a skylight with the evening sun, dust in the light',
      style: 'clay render',
      objects: [
        ['bookcase', 'a tall oak bookcase'],
        ['desk lamp', 'a brass desk lamp with a green shade'],
        ['globe', 'an antique globe on a wooden foot'],
        ['armchair', 'a worn leather armchair'],
      ],
    },
    {
      title: 'Lighthouse',
      text: 'The round room of a lighthouse keeper above a stormy sea, ropes and charts on the walls',
      style: 'ink and wash',
      objects: [
        ['ship lamp', 'a heavy brass ship lamp'],
        ['sea chest', 'a sea chest with iron bands'],
        ['telescope', 'a brass telescope on a tripod'],
      ],
    },
  ],
  zh: [
    {
      title: '雨夜的面馆',
      text: '雨夜的面馆：巷子深处的一间小面馆，暖黄的灯光，锅上冒着热气，窗外下着雨',
      style: '水彩',
      objects: [
        ['木凳', '一张旧圆木凳'],
        ['茶壶', '一把圆圆的紫砂茶壶'],
        ['灯笼', '一盏红纸灯笼'],
        ['面碗', '一只青花瓷面碗，里面盛满汤面'],
        ['木桌', '一张被岁月磨亮的方木桌'],
      ],
    },
    {
      title: '阁楼书房',
      text: '一间堆满旧书的阁楼书房，天窗透进夕阳，光里浮着微尘',
      style: '黏土渲染',
      objects: [
        ['书架', '高大的橡木书架'],
        ['台灯', '绿罩黄铜台灯'],
        ['地球仪', '木座古董地球仪'],
        ['扶手椅', '磨旧的皮扶手椅'],
      ],
    },
    {
      title: '灯塔',
      text: '灯塔看守人的圆形房间，窗外是暴风雨中的大海，墙上挂着绳索和海图',
      style: '水墨',
      objects: [
        ['船灯', '沉甸甸的黄铜船灯'],
        ['水手箱', '包着铁箍的水手箱'],
        ['望远镜', '三脚架上的黄铜望远镜'],
      ],
    },
  ],
};
