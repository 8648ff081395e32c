"""The things that the starter model can name, each with the emoji that show it.

Of every family of look-alikes (wolf and dog, lobster and crab, the many round faces) only one
member is listed, so that a small model at 128 x 128 pixels can tell all of them apart.  Several
emoji may share one name: the name then covers several drawings of the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """One nameable thing.

    Attributes:
        singular: its name, without an article.
        plural: its plural.
        emoji: strings that the emoji font draws as one picture each.
        coloured: the name says a colour, so scenes must not change hues.
    """

    singular: str
    plural: str
    emoji: tuple[str, ...]
    coloured: bool = False


# One line for each thing: "name: emoji emoji"; "name/plural: ..." where adding s is wrong;
# a leading * marks a name that says a colour.
_TABLE = """
woman/women: 👩 👩🏻 👩🏽 👩🏿 👩‍🦰
man/men: 🧔 🧔🏻 🧔🏽 🧔🏿 👨🏻 👨🏽 👨🏿
baby/babies: 👶 👶🏻 👶🏽 👶🏿
police officer: 👮 👮🏽 👮‍♀️
cook: 🧑‍🍳 👨🏽‍🍳 👩🏻‍🍳
astronaut: 🧑‍🚀 👩🏽‍🚀
santa: 🎅 🎅🏽
cyclist: 🚴 🚴🏽 🚴‍♀️
surfer: 🏄 🏄🏽 🏄‍♀️
ghost: 👻
robot: 🤖
clown: 🤡
alien: 👽
snowman/snowmen: ⛄ ☃️
dog: 🐶 🐕 🦮 🐩
cat: 🐱 🐈 🐈‍⬛
mouse/mice: 🐭 🐁
rabbit: 🐰 🐇
fox/foxes: 🦊
bear: 🐻
panda: 🐼
koala: 🐨
tiger: 🐯 🐅
lion: 🦁
cow: 🐮 🐄
pig: 🐷 🐖
frog: 🐸
monkey: 🐵 🐒
chicken: 🐔 🐓
chick: 🐤 🐥 🐣
penguin: 🐧
duck: 🦆
eagle: 🦅
owl: 🦉
bat: 🦇
horse: 🐴 🐎
zebra: 🦓
unicorn: 🦄
elephant: 🐘
giraffe: 🦒
camel: 🐪 🐫
sheep/sheep: 🐑
kangaroo: 🦘
hedgehog: 🦔
flamingo: 🦩
peacock: 🦚
parrot: 🦜
bee: 🐝
butterfly/butterflies: 🦋
snail: 🐌
ladybug: 🐞
spider: 🕷️
turtle: 🐢
snake: 🐍
dinosaur: 🦖 🦕
crocodile: 🐊
octopus/octopuses: 🐙
crab: 🦀
fish/fish: 🐟 🐠
shark: 🦈
whale: 🐳 🐋
apple: 🍎 🍏
pear: 🍐
orange: 🍊
lemon: 🍋
banana: 🍌
watermelon: 🍉
pineapple: 🍍
strawberry/strawberries: 🍓
bunch of grapes/bunches of grapes: 🍇
coconut: 🥥
avocado: 🥑
eggplant: 🍆
carrot: 🥕
head of broccoli/heads of broccoli: 🥦
mushroom: 🍄
ear of corn/ears of corn: 🌽
loaf of bread/loaves of bread: 🍞
croissant: 🥐
pretzel: 🥨
piece of cheese/pieces of cheese: 🧀
fried egg: 🍳
hamburger: 🍔
hot dog: 🌭
slice of pizza/slices of pizza: 🍕
ice cream: 🍦 🍨
doughnut: 🍩
cookie: 🍪
cake: 🎂
cupcake: 🧁
cup of coffee/cups of coffee: ☕
glass of wine/glasses of wine: 🍷
teapot: 🫖
*red car: 🚗
*blue car: 🚙
taxi: 🚕
bus/buses: 🚌
fire engine: 🚒
truck: 🚚
tractor: 🚜
bicycle: 🚲
motorcycle: 🏍️
train: 🚂
plane: 🛩️ ✈️
helicopter: 🚁
rocket: 🚀
sailboat: ⛵
ship: 🚢
canoe: 🛶
tree: 🌳
pine tree: 🌲
palm tree: 🌴
cactus/cactuses: 🌵
sunflower: 🌻
rose: 🌹
tulip: 🌷
maple leaf/maple leaves: 🍁
clover: 🍀
potted plant: 🪴
balloon: 🎈
gift: 🎁
kite: 🪁
umbrella: ☂️ ☔
top hat: 🎩
crown: 👑
dress/dresses: 👗
shirt: 👕
backpack: 🎒
shoe: 👟
*red book: 📕
*blue book: 📘
*green book: 📗
*red heart: ❤️
*blue heart: 💙
*green heart: 💚
*yellow heart: 💛
guitar: 🎸
trumpet: 🎺
drum: 🥁
camera: 📷 📸
television: 📺
laptop: 💻
clock: ⏰
light bulb: 💡
candle: 🕯️
lock: 🔒 🔓
hammer: 🔨
chair: 🪑
sofa: 🛋️
door: 🚪
house: 🏠 🏡
castle: 🏰
tent: ⛺
fountain: ⛲
soccer ball: ⚽
basketball: 🏀
trophy/trophies: 🏆
bell: 🔔
anchor: ⚓
bomb: 💣
box/boxes: 📦
globe: 🌍 🌎 🌏
sun: ☀️ 🌞
moon: 🌙 🌛
star: ⭐ 🌟
cloud: ☁️
rainbow: 🌈
snowflake: ❄️
tornado/tornadoes: 🌪️
fire: 🔥
"""


def _parse(line: str) -> Thing:
    names, _, emoji = line.partition(": ")
    coloured = names.startswith("*")
    singular, _, plural = names.lstrip("*").partition("/")
    return Thing(singular, plural or f"{singular}s", tuple(emoji.split()), coloured)


THINGS: tuple[Thing, ...] = tuple(_parse(line) for line in _TABLE.strip().splitlines())
