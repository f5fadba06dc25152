/** The picture for a word of a prompt, and the usual height of such a thing. */
export interface SceneObject {
  /** Name of the picture: one of our own shapes, or an icon of Noto Emoji (https://github.com/googlefonts/noto-emoji). */
  readonly picture: string;
  /** Usual height in metres, for previews that put several objects side by side. */
  readonly heightMeters: number;
  readonly english: readonly string[];
  readonly chinese: readonly string[];
}

// One line a picture: name, height in metres, English words, Chinese words.
const lines = `
table 0.75 table, dining table, wooden table, coffee table, tea table, side table / 桌子, 木桌, 方桌, 圆桌, 餐桌, 茶几, 八仙桌, 桌
desk 0.75 desk, writing desk, workbench / 书桌, 写字台, 办公桌, 工作台
stool 0.45 stool, footstool, bar stool / 凳子, 木凳, 圆凳, 高脚凳, 凳
bench 0.5 bench, park bench / 长椅, 长凳, 板凳
chair 0.9 chair, dining chair, wooden chair / 椅子, 木椅, 餐椅, 藤椅, 椅
seat 1 armchair, seat / 扶手椅, 座椅
couch-and-lamp 0.85 couch, sofa, settee / 沙发
bed 0.6 bed, bunk / 床, 木床
shelf 1.8 shelf, shelves, bookshelf, bookcase, rack / 架子, 书架, 货架, 书柜, 置物架
wardrobe 2 wardrobe, closet, cupboard, cabinet / 衣柜, 柜子, 橱柜, 木柜
counter 1.1 counter, bar counter / 柜台, 吧台
folding-screen 1.8 folding screen, screen / 屏风
rug 0.05 rug, carpet, mat / 地毯, 毯子, 地垫
curtain 2.2 curtain, curtains, drapes / 窗帘, 门帘, 帘子
fireplace 1.2 fireplace, hearth / 壁炉
stove 0.9 stove, oven, cooker / 炉灶, 灶台, 烤箱, 炉子
street-lamp 3.5 street lamp, streetlight, lamp post, lamppost / 路灯, 街灯
floor-lamp 1.6 floor lamp, standing lamp, lamp, table lamp, desk lamp / 落地灯, 台灯, 灯
signboard 1.2 sign, signboard, signpost / 招牌, 木牌, 指示牌, 牌匾
barrel 0.9 barrel, cask, keg / 木桶, 酒桶, 桶
bowl 0.1 bowl, porcelain bowl, rice bowl / 碗, 瓷碗, 饭碗
vase 0.35 vase, porcelain vase, jug / 花瓶, 瓷瓶, 瓶子
fence 1 fence, railing / 栅栏, 篱笆, 栏杆
well 1.2 well, water well / 水井, 井
crate 0.5 crate, wooden box, box / 木箱, 箱子, 板条箱
door 2 door, wooden door, gate / 门, 木门, 大门
window 1.2 window / 窗户, 窗子, 窗
mirror 1 mirror, hand mirror / 镜子, 铜镜, 圆镜, 穿衣镜
framed-picture 0.6 picture frame, painting, framed picture, picture / 画框, 油画, 挂画, 字画
bathtub 0.6 bathtub, tub / 浴缸
toilet 0.7 toilet / 马桶
shower 2 shower / 淋浴
mantelpiece-clock 0.4 clock, mantel clock, table clock / 座钟, 时钟, 挂钟, 钟
alarm-clock 0.15 alarm clock / 闹钟
watch 0.1 wristwatch, watch, pocket watch / 手表, 怀表
hourglass-done 0.25 hourglass / 沙漏
stopwatch 0.08 stopwatch / 秒表
red-paper-lantern 0.5 lantern, paper lantern, red lantern / 灯笼, 纸灯笼, 红灯笼
candle 0.2 candle, candlestick / 蜡烛, 烛台
diya-lamp 0.1 oil lamp / 油灯
flashlight 0.2 flashlight, torch / 手电筒, 手电
light-bulb 0.12 light bulb, bulb / 灯泡
fire 0.6 fire, campfire, bonfire / 火, 篝火, 火堆
pot-of-food 0.4 pot, soup pot, cooking pot, cauldron, stockpot, hot pot / 锅, 汤锅, 铁锅, 火锅, 砂锅, 大锅
shallow-pan-of-food 0.12 pan, frying pan, paella / 平底锅, 煎锅
cooking 0.1 skillet, fried egg / 煎蛋, 炒锅
steaming-bowl 0.15 noodle bowl, bowl of noodles, noodles, ramen, noodle soup / 面碗, 汤面, 面条, 拉面, 牛肉面
bowl-with-spoon 0.15 soup bowl, soup, porridge / 汤碗, 汤, 粥
cooked-rice 0.12 rice, bowl of rice / 米饭, 白饭
curry-rice 0.08 curry / 咖喱
sushi 0.06 sushi / 寿司
rice-ball 0.08 rice ball, onigiri / 饭团
dumpling 0.06 dumpling, dumplings / 饺子, 馄饨
takeout-box 0.15 takeout box / 外卖盒
bento-box 0.1 bento, lunch box / 便当, 饭盒
bread 0.15 bread, loaf / 面包
baguette-bread 0.1 baguette / 法棍
croissant 0.08 croissant / 羊角包, 可颂
pancakes 0.1 pancakes, pancake / 松饼, 煎饼
cheese-wedge 0.1 cheese / 奶酪, 芝士
hamburger 0.1 hamburger, burger / 汉堡
pizza 0.05 pizza / 披萨
sandwich 0.1 sandwich / 三明治
birthday-cake 0.2 cake, birthday cake / 蛋糕, 生日蛋糕
cupcake 0.1 cupcake, muffin / 纸杯蛋糕
doughnut 0.05 doughnut, donut / 甜甜圈
cookie 0.05 cookie, biscuit / 饼干
pie 0.08 pie / 馅饼
ice-cream 0.15 ice cream / 冰淇淋
moon-cake 0.05 mooncake, moon cake / 月饼
honey-pot 0.2 honey pot, honey / 蜂蜜罐, 蜂蜜
jar 0.2 jar, glass jar / 罐子, 玻璃罐, 坛子
canned-food 0.12 can, tin can / 罐头
salt 0.1 salt shaker, salt / 盐罐, 盐
amphora 0.6 amphora, urn, clay pot / 陶罐, 陶瓮, 双耳瓶
teapot 0.2 teapot, kettle / 茶壶, 紫砂壶, 水壶
teacup-without-handle 0.08 tea bowl, teacup, tea / 茶杯, 茶碗, 茶
hot-beverage 0.1 coffee cup, cup, mug, coffee / 咖啡杯, 杯子, 马克杯, 咖啡
glass-of-milk 0.12 glass of milk, milk / 牛奶
beer-mug 0.18 beer mug, beer / 啤酒, 啤酒杯
wine-glass 0.2 wine glass, goblet, wine / 酒杯, 红酒, 高脚杯
cocktail-glass 0.18 cocktail, cocktail glass / 鸡尾酒
tumbler-glass 0.12 whisky glass, tumbler / 威士忌
bottle-with-popping-cork 0.32 bottle, wine bottle, champagne / 酒瓶, 香槟, 酒壶
sake 0.2 sake / 清酒
baby-bottle 0.18 baby bottle / 奶瓶
bubble-tea 0.2 bubble tea / 奶茶, 珍珠奶茶
chopsticks 0.24 chopsticks / 筷子
spoon 0.2 spoon, ladle / 勺子, 汤勺
fork-and-knife 0.2 fork, cutlery / 叉子, 刀叉, 餐具
kitchen-knife 0.3 kitchen knife, cleaver, knife / 菜刀, 刀
red-apple 0.08 apple / 苹果
pear 0.1 pear / 梨
tangerine 0.08 orange, tangerine, mandarin / 橘子, 橙子
lemon 0.08 lemon / 柠檬
banana 0.2 banana, bananas / 香蕉
watermelon 0.2 watermelon / 西瓜
grapes 0.2 grapes / 葡萄
strawberry 0.04 strawberry / 草莓
cherries 0.06 cherries, cherry / 樱桃
peach 0.08 peach / 桃子, 桃
pineapple 0.3 pineapple / 菠萝
coconut 0.15 coconut / 椰子
avocado 0.1 avocado / 牛油果
tomato 0.08 tomato / 番茄, 西红柿
carrot 0.2 carrot / 胡萝卜
ear-of-corn 0.2 corn, maize / 玉米
hot-pepper 0.12 chili, pepper / 辣椒
eggplant 0.2 eggplant, aubergine / 茄子
potato 0.08 potato / 土豆
onion 0.08 onion / 洋葱
garlic 0.06 garlic / 大蒜
mushroom 0.1 mushroom, toadstool / 蘑菇
leafy-green 0.25 cabbage, lettuce, vegetables / 白菜, 蔬菜, 青菜
egg 0.06 egg / 鸡蛋
jack-o-lantern 0.3 pumpkin, jack-o-lantern / 南瓜, 南瓜灯
potted-plant 0.5 potted plant, plant, houseplant / 盆栽, 绿植, 植物
cactus 0.6 cactus / 仙人掌
bouquet 0.4 bouquet, flowers / 花束, 鲜花, 花
rose 0.5 rose / 玫瑰
tulip 0.4 tulip / 郁金香
sunflower 1.5 sunflower / 向日葵
lotus 0.4 lotus, water lily / 荷花, 莲花
cherry-blossom 0.05 cherry blossom / 樱花
deciduous-tree 5 tree, oak / 树, 大树, 老树
evergreen-tree 6 pine tree, fir, pine / 松树, 杉树
palm-tree 6 palm tree, palm / 棕榈树, 椰子树
leafless-tree 5 bare tree, dead tree / 枯树
pine-decoration 1 bamboo, bamboo decoration / 竹子, 门松
christmas-tree 2 christmas tree / 圣诞树
maple-leaf 0.1 maple leaf, leaf / 枫叶, 树叶
wood 0.4 log, logs, firewood, wood / 木头, 柴火, 圆木
rock 0.6 rock, stone, boulder / 石头, 岩石, 假山
brick 0.1 brick, bricks / 砖, 砖头
books 0.25 books, stack of books, pile of books / 一摞书, 书堆, 书本, 书籍
closed-book 0.25 book, old book / 书, 古书
open-book 0.25 open book / 翻开的书
notebook 0.2 notebook, diary / 笔记本, 日记本
scroll 0.3 scroll, parchment / 卷轴, 竹简
newspaper 0.4 newspaper / 报纸
envelope 0.15 envelope, letter / 信封, 信
world-map 0.6 map, treasure map / 地图, 藏宝图
globe-showing-asia-australia 0.4 globe / 地球仪
fountain-pen 0.15 fountain pen, pen / 钢笔, 笔
pencil 0.18 pencil / 铅笔
paintbrush 0.25 paintbrush, brush / 画笔, 毛笔, 刷子
artist-palette 0.3 palette, paint palette / 调色板
black-nib 0.15 quill, nib / 鹅毛笔
scissors 0.2 scissors / 剪刀
abacus 0.3 abacus / 算盘
balance-scale 0.4 scales, balance, weighing scale / 天平, 秤
magnifying-glass-tilted-left 0.2 magnifying glass / 放大镜
microscope 0.4 microscope / 显微镜
telescope 1.2 telescope / 望远镜
alembic 0.4 alembic, flask / 烧瓶, 蒸馏器
test-tube 0.15 test tube / 试管
crystal-ball 0.25 crystal ball / 水晶球
compass 0.1 compass / 指南针, 罗盘
camera 0.15 camera / 相机, 照相机
video-camera 0.3 video camera / 摄像机
film-projector 0.5 projector, film projector / 放映机
television 0.6 television, tv / 电视, 电视机
radio 0.3 radio / 收音机
desktop-computer 0.5 computer, monitor / 电脑, 显示器
laptop 0.25 laptop / 笔记本电脑
keyboard 0.05 keyboard / 键盘
printer 0.3 printer / 打印机
telephone 0.2 telephone, phone / 电话
mobile-phone 0.15 mobile phone, smartphone / 手机
fax-machine 0.3 typewriter / 打字机
satellite-antenna 2 satellite dish / 天线
joystick 0.2 joystick / 摇杆
video-game 0.1 game controller / 手柄
game-die 0.05 dice, die / 骰子
chess-pawn 0.1 chess piece, chess / 棋子
puzzle-piece 0.1 puzzle / 拼图
teddy-bear 0.4 teddy bear, teddy, stuffed bear / 玩具熊, 泰迪熊
nesting-dolls 0.3 nesting dolls, matryoshka / 套娃
kite 0.8 kite / 风筝
balloon 0.4 balloon / 气球
yo-yo 0.1 yo-yo / 溜溜球
soccer-ball 0.22 football, soccer ball, ball / 足球, 球
basketball 0.24 basketball / 篮球
skateboard 0.15 skateboard / 滑板
sled 0.4 sled, sledge / 雪橇
bow-and-arrow 1.2 bow, bow and arrow / 弓, 弓箭
crossed-swords 1 sword, swords / 剑, 宝剑
dagger 0.4 dagger / 匕首
shield 0.8 shield / 盾牌, 盾
axe 0.8 axe, hatchet / 斧头, 斧子
hammer 0.35 hammer / 锤子
pick 0.9 pickaxe / 镐
shovel 1 shovel, spade / 铲子, 铁锹
carpentry-saw 0.6 saw / 锯子
wrench 0.25 wrench, spanner / 扳手
screwdriver 0.2 screwdriver / 螺丝刀
toolbox 0.3 toolbox / 工具箱
nut-and-bolt 0.05 bolt / 螺栓
gear 0.3 gear, cog / 齿轮
chains 0.5 chain, chains / 链条, 铁链
hook 0.3 hook / 钩子
ladder 2.5 ladder / 梯子
broom 1.2 broom / 扫帚
bucket 0.35 bucket, pail / 水桶, 铁桶
wastebasket 0.4 wastebasket, trash can, bin / 垃圾桶, 纸篓
basket 0.35 basket, wicker basket / 篮子, 竹篮
package 0.4 parcel, package, cardboard box / 包裹, 纸箱
treasure-chest 0.6 treasure chest, chest / 宝箱, 木匣, 航海箱
wrapped-gift 0.3 gift, present, gift box / 礼物, 礼盒
briefcase 0.4 briefcase / 公文包
luggage 0.7 suitcase, luggage, trunk / 行李箱, 皮箱
backpack 0.5 backpack, rucksack / 背包, 书包
handbag 0.3 handbag, bag / 手提包, 包
shopping-cart 1 shopping cart / 购物车
umbrella 0.9 umbrella, open umbrella / 雨伞, 伞
closed-umbrella 0.9 closed umbrella / 收起的伞
umbrella-on-ground 2.2 parasol, beach umbrella / 遮阳伞, 油纸伞
folding-hand-fan 0.25 fan, hand fan, folding fan / 扇子, 折扇
wind-chime 0.4 wind chime / 风铃
bell 0.3 bell / 铃铛, 铃
bellhop-bell 0.1 desk bell / 呼叫铃
drum 0.5 drum / 鼓
long-drum 0.7 long drum, conga / 长鼓
guitar 1 guitar / 吉他
violin 0.6 violin, fiddle / 小提琴, 二胡
banjo 0.9 banjo, lute / 琵琶, 班卓琴
harp 1.7 harp / 竖琴, 古筝
flute 0.7 flute / 笛子, 箫
trumpet 0.5 trumpet, horn / 小号, 喇叭
saxophone 0.7 saxophone / 萨克斯
accordion 0.4 accordion / 手风琴
musical-keyboard 1 piano, keyboard instrument / 钢琴, 琴
microphone 0.2 microphone / 麦克风, 话筒
old-key 0.1 key, old key / 钥匙
locked 0.1 padlock, lock / 锁, 挂锁
coin 0.03 coin, coins / 硬币, 铜钱
money-bag 0.3 money bag / 钱袋
gem-stone 0.05 gem, diamond, jewel / 宝石, 钻石
crown 0.2 crown / 皇冠, 王冠
ring 0.03 ring / 戒指
trophy 0.4 trophy / 奖杯
top-hat 0.2 top hat, hat / 帽子, 礼帽
glasses 0.05 glasses, spectacles / 眼镜
high-heeled-shoe 0.15 high heel, shoe / 高跟鞋, 鞋子, 鞋
hiking-boot 0.2 boot, boots / 靴子
scarf 0.3 scarf / 围巾
kimono 1.4 kimono, robe / 和服, 长袍
dress 1.2 dress / 裙子, 连衣裙
coat 1.1 coat, jacket / 外套, 大衣
t-shirt 0.7 shirt, t-shirt / 衬衫
anchor 1 anchor / 船锚, 锚
wheel 0.7 wheel, tyre / 轮子, 车轮, 轮胎
oil-drum 0.9 oil drum / 油桶
fuel-pump 1.6 fuel pump, gas pump / 加油机
fire-extinguisher 0.5 fire extinguisher / 灭火器
postbox 1.2 postbox / 邮筒
closed-mailbox-with-raised-flag 1.2 mailbox, letterbox / 邮箱, 信箱
fountain 2 fountain / 喷泉
tent 1.6 tent / 帐篷
hut 3 hut, cabin / 小屋, 茅屋
bicycle 1 bicycle, bike / 自行车, 单车
motor-scooter 1.1 scooter, moped / 电动车, 小摩托
motorcycle 1.1 motorcycle / 摩托车
automobile 1.5 car, automobile / 汽车, 轿车
taxi 1.5 taxi / 出租车
bus 3 bus / 公交车, 巴士
delivery-truck 2.5 truck, lorry / 卡车, 货车
tractor 2.5 tractor / 拖拉机
tram-car 3.2 tram, streetcar / 有轨电车, 电车
locomotive 3.5 locomotive, steam train, train / 火车头, 火车
canoe 0.6 canoe, rowing boat, boat / 小船, 独木舟, 船
sailboat 6 sailboat, yacht / 帆船
ring-buoy 0.7 lifebuoy / 救生圈
airplane 5 airplane, plane / 飞机
rocket 10 rocket / 火箭
robot 1.6 robot / 机器人
snowman 1.5 snowman / 雪人
carousel-horse 1.5 carousel horse, rocking horse / 木马, 旋转木马
statue-of-liberty 2 statue, sculpture / 雕像, 塑像
moai 2 stone head, moai / 石像
shinto-shrine 3 torii, shrine gate / 鸟居
cat 0.3 cat / 猫
dog 0.6 dog / 狗
horse 1.6 horse / 马
bird 0.15 bird / 鸟
owl 0.4 owl / 猫头鹰
duck 0.4 duck / 鸭子
fish 0.2 fish / 鱼
tropical-fish 0.15 goldfish / 金鱼
turtle 0.3 turtle / 乌龟
rabbit 0.3 rabbit / 兔子
butterfly 0.08 butterfly / 蝴蝶
dragon 3 dragon / 龙
`;

/** Things in scenes, with their words in English and Chinese. */
export const sceneObjects: readonly SceneObject[] = lines
  .trim()
  .split('\n')
  .map((line) => {
    const [, picture = '', height = '', english = '', chinese = ''] = /^(\S+) (\S+) (.+) \/ (.+)$/.exec(line) ?? [];
    const words = (list: string): string[] => list.split(', ');
    return { picture, heightMeters: Number(height), english: words(english), chinese: words(chinese) };
  });
