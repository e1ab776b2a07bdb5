"""Invented names: plausible for a Chinese city, drawn from common characters, never from a register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

__all__ = ["estate_names", "neighbourhood_names", "road_names", "village_names"]

_FIRST: Final = "文澜锦云青松宁远嘉禾临清和泰安景瑞祥明朗兰桂梧竹柳杏桃枫荷秋春朝晨霞虹星月湖溪泉石玉金银铜"
_SECOND: Final = "华桥门园台塘坊苑街亭阁林庭楼井渡岸湾洲圃畔井巷里院"
_VILLAGE: Final = "上下前后东西南北大小新老高石柳杨枣槐榆沙黄白红青双三五"
_FAMILY: Final = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华魏陶姜谢邹苏潘葛范彭"
_LAND: Final = "家庄,家湾,家营,家堡,家台,家沟,家滩,家井,家桥,家窑"
_PLACE: Final = "沟,河,岭,坪,滩,坝,泉,岗,塘,梁"
_ROAD_A: Final = "长兴建中复文昌学府工农迎宾西南东北光华人和朝阳青年友谊滨河望江环翠银杏梧桐"
_ROAD_B: Final = "宁安康平泰盛华明达远庆祥瑞景丰乐"
_ESTATE_A: Final = (
    "锦绣,书香,金桂,碧水,翠湖,阳光,和谐,都市,学府,枫林,江畔,云顶,紫藤,丹桂,御景,香樟,凤栖,华庭,雅居,晨曦"
)
_ESTATE_B: Final = "花园,家园,小区,名苑,新村,雅苑,华府,公馆,里,佳苑"


def neighbourhood_names(rng: np.random.Generator, count: int) -> list[str]:
    """Names of urban communities, unique."""
    return _draw(rng, [a + b for a in dict.fromkeys(_FIRST) for b in dict.fromkeys(_SECOND)], count)


def village_names(rng: np.random.Generator, count: int) -> list[str]:
    """Names of villages, unique: a family's place, or a landmark."""
    families = [family + land for family in _FAMILY for land in _LAND.split(",")]
    places = [first + place for first in _VILLAGE for place in _PLACE.split(",")]
    return _draw(rng, families + places, count)


def road_names(rng: np.random.Generator, count: int, ending: str) -> list[str]:
    """Names of streets with one ending (路, 大道, 街), unique among themselves."""
    first, second = dict.fromkeys(_ROAD_A), dict.fromkeys(_ROAD_B)
    return [name + ending for name in _draw(rng, [a + b for a in first for b in second if a != b], count)]


def estate_names(rng: np.random.Generator, count: int) -> list[str]:
    """Names of housing estates; numbered phases where the combinations run out."""
    plain = [a + b for a in _ESTATE_A.split(",") for b in _ESTATE_B.split(",")]
    phases = ["", "二期", "三期", "四期"]
    return _draw(rng, [name + phase for phase in phases for name in plain], count)


def _draw(rng: np.random.Generator, pool: Sequence[str], count: int) -> list[str]:
    """Several different entries of a pool."""
    return [pool[number] for number in rng.permutation(len(pool))[:count]]
