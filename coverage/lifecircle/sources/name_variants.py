"""Names that nobody knows as they are written: what they may mean, and what the user says they mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from lifecircle.messages import LANGUAGES, text
from lifecircle.sources.files.cell_values import key, texts
from lifecircle.sources.files.vector import read_table
from lifecircle.sources.log import ReadingLog
from lifecircle.tables.checked import NAME_COLUMNS, NameDoubt

__all__ = ["meant", "read_names", "suggested"]

_ENDINGS: Final = re.compile(
    "(街道办事处|办事处|街道|社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会|村|镇|乡)$"
)
_LIKE: Final = 0.6
_TRADITIONAL: Final = (
    "衛區鎮鄉莊園華東辦處務員會體館圖書學醫療養護藥場廣門車電運動長壽龍鳳馬魚鳥島灣溝澗邊過遠達進遷選連業"
    "產營銀鐵錦鋼鐘寶實寧賓縣鄰郵鄭陽陰陳陸隊際險隨雙雜難雲霧靜頂項順須預領頭題顏風飛飯駐驛驗騰驪魯鴻鵬鶴"
    "鷺麗麥黃齊齡龐億優傳僑儀兒內兩冊農凍劃劇劉勝勞勢勵單嚴國圍團圓塊壇壓壟報壩壯壺夢夾奧奮婦媽嬰孫寬專將"
    "尋對導層屬岡崗嶺嶽幫幣幹廁廠廳廟廢張強彈後從復徑愛慶應懷態慣憲憑戰戲戶擇據擴攝敵數斷於時晉曉暫曆構槍"
    "樂樓標樞樣樹橋機檔檢櫻權歐歲歷歸殘毀氣沒澤潔潛潤濱濟瀏災爐爭爺爾牆狀獅獎獨獻現環畝畢異當疊發監盤盧眾"
    "碼確碭磚礦禮禪種稅穀積穩窪競筆節範築簡籃糧糾約紅紋納紙級紡線組細終結給絲統綠維綱網綜緣練縱總績織繕繩"
    "續罷羅聖聞聯聲聽職肅臨臺與興舉舊艦艷艙蓋蒼蓮蔣薩蘆蘇蘭虛號蟲補裝裡複見規視覽覺觀觸計訊記許設訪診詢試"
    "詩話該詳認語誠誼調談請諾謝譚識議讀變讓豐財責貢貨販貧貫貴買賀資賢質賴購贊贛趙跡踐軍軌軒軟輔輕輛輝輪輸"
    "轄轉邏醬釀釋針鈴錄錢鍋鍵鎖鏡鑄閉開閑間閣閩陝隴"
)
_SIMPLIFIED: Final = (
    "卫区镇乡庄园华东办处务员会体馆图书学医疗养护药场广门车电运动长寿龙凤马鱼鸟岛湾沟涧边过远达进迁选连业"
    "产营银铁锦钢钟宝实宁宾县邻邮郑阳阴陈陆队际险随双杂难云雾静顶项顺须预领头题颜风飞饭驻驿验腾骊鲁鸿鹏鹤"
    "鹭丽麦黄齐龄庞亿优传侨仪儿内两册农冻划剧刘胜劳势励单严国围团圆块坛压垄报坝壮壶梦夹奥奋妇妈婴孙宽专将"
    "寻对导层属冈岗岭岳帮币干厕厂厅庙废张强弹后从复径爱庆应怀态惯宪凭战戏户择据扩摄敌数断于时晋晓暂历构枪"
    "乐楼标枢样树桥机档检樱权欧岁历归残毁气没泽洁潜润滨济浏灾炉争爷尔墙状狮奖独献现环亩毕异当叠发监盘卢众"
    "码确砀砖矿礼禅种税谷积稳洼竞笔节范筑简篮粮纠约红纹纳纸级纺线组细终结给丝统绿维纲网综缘练纵总绩织缮绳"
    "续罢罗圣闻联声听职肃临台与兴举旧舰艳舱盖苍莲蒋萨芦苏兰虚号虫补装里复见规视览觉观触计讯记许设访诊询试"
    "诗话该详认语诚谊调谈请诺谢谭识议读变让丰财责贡货贩贫贯贵买贺资贤质赖购赞赣赵迹践军轨轩软辅轻辆辉轮输"
    "辖转逻酱酿释针铃录钱锅键锁镜铸闭开闲间阁闽陕陇"
)
_AS_SIMPLIFIED: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
"""Traditional signs common in names of places, and their forms in the 通用规范汉字表 (2013)."""


def read_names(path: Path | None, log: ReadingLog) -> dict[tuple[str, str], str]:
    """What the user says that names mean: from the table that ``check --suggest`` wrote, as it was edited.

    Returns
    -------
    dict
        Kind (``service`` or ``community``) and the name as it compares, to the id or code that is meant.

    Raises
    ------
    InputError
        If the table cannot be read or lacks a column.
    """
    if path is None:
        return {}
    wanted = {name: tuple(text(f"check.names-{name}", lang) for lang in LANGUAGES) for name in NAME_COLUMNS}
    needed = {"kind", "written", "use"}
    rows = read_table(path, log, subject="area", wanted=wanted, required=needed)
    kinds = {
        key(text(f"check.kind-{kind}", lang)): kind for kind in ("service", "community") for lang in LANGUAGES
    }
    said = zip(texts(rows["kind"]), texts(rows["written"]), texts(rows["use"]), strict=True)
    return {(kinds.get(key(kind), kind), key(name)): use for kind, name, use in said if name and use}


def meant(kind: str, name: str, log: ReadingLog) -> str:
    """What the user's table says that a name means; blank where it says nothing."""
    return log.names.get((kind, key(name)), "")


def suggested(kind: str, name: str, known: Mapping[str, str], *, file: str, rows: Iterable[str]) -> NameDoubt:
    """A name that nobody knows, and the id or code whose name is most like it; blank where none is.

    Parameters
    ----------
    kind
        ``service`` or ``community``.
    known
        Names to ids or codes.
    """
    plain = {_plain(said): value for said, value in known.items()}
    if exact := plain.get(_plain(name)):
        return NameDoubt(kind, name, file, ", ".join(rows), exact)
    near = difflib.get_close_matches(_plain(name), list(plain), n=1, cutoff=_LIKE)
    return NameDoubt(kind, name, file, ", ".join(rows), plain[near[0]] if near else "")


def _plain(name: str) -> str:
    """A name in simplified signs, without the ending that one list writes and another leaves out."""
    said = key(name).translate(_AS_SIMPLIFIED)
    short = _ENDINGS.sub("", said)
    return short or said
