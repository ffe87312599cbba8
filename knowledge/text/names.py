"""Names that follow a cue such as 我叫 or "my name is".

A name without a cue is not looked for: guessing would hide the words a question is made of.
"""

import re
from collections.abc import Iterator

from knowledge.text.normalise import word_set

_SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董袁潘"
    "于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鐘谭譚陆陸汪范金石廖贾賈夏韦韋傅方白邹鄒孟熊秦邱江尹薛闫阎段雷侯"
    "龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯欧歐霍麦麥关關翁冼伍招岑区區温溫游詹施洪邢庄莊康"
)
_COMPOUND = "欧阳|歐陽|司徒|上官|诸葛|諸葛|司马|司馬|东方|東方|皇甫|尉迟"
_HAN = "一-鿿"
_ENDS = "想要是在的来來有去问問护護请請和跟也今现現我你这這那了就已能可办辦申需之係系喺嘅咗唔因从從从买買丢没沒男女住"
_CUE = r"(?:我(?:的)?(?:名字|姓名)?叫做?|(?:名字|姓名|名)(?:是|叫做?|係|系|为|為)?[:： ]*|我個名(?:係|叫)|我叫做)"
_CHINESE_NAME = re.compile(
    rf"{_CUE}\s*(?P<name>(?:{_COMPOUND})[{_HAN}]{{1,2}}|[{_SURNAMES}][{_HAN}](?:(?![{_ENDS}])[{_HAN}])?)"
)
_SURNAME_ONLY = re.compile(rf"我(?:是|係)?姓\s*(?P<name>{_COMPOUND}|[{_SURNAMES}])")
_FOREIGN = re.compile(
    rf"(?:我叫做?|我(?:的)?(?:名字|姓名)(?:是|叫)|我個名(?:係|叫)|姓名[:： ]+)\s*"
    rf"(?P<name>[A-Za-zÀ-ɏ]{{2,}}(?: [A-Z][A-Za-zÀ-ɏ]+){{0,2}}|[{_HAN}]{{1,6}}[·・•][{_HAN}]{{1,8}})"
)
_ENGLISH_CUE = re.compile(
    r"\b(?:my (?:full |first |last |sur|family |given )?name(?:'s| is| was)?|name\s*[:：]"
    r"|i am called|i'm called|i am named)"
    r"[:：]?\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’.-]*\s*")
_NOT_A_NAME = word_set(
    "a am an and as at be because but by can change changed correct correctly different does "
    "doesn't doesnt for from has have i in incorrect is isn't issue it long longer misspelled "
    "misspelt misprinted missing my no not on or please printed same short shows so spelled "
    "spelt than that the there this to too typed under was what when who which will with "
    "without written wrong wrongly"
)


def name_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of every name that follows a cue, in no order.

    >>> text = "我叫张伟，想问护照"
    >>> [text[start:end] for start, end in name_spans(text)]
    ['张伟']
    >>> list(name_spans("my name is misspelled on the visa"))
    []
    """
    for pattern in (_CHINESE_NAME, _SURNAME_ONLY, _FOREIGN):
        for match in pattern.finditer(text):
            yield match.span("name")
    for cue in _ENGLISH_CUE.finditer(text):
        end = _english_end(text, cue.end())
        if end > cue.end():
            yield cue.end(), end


def _english_end(text: str, start: int) -> int:
    """Where the name that begins at `start` ends: up to three words, none of them an ordinary one."""
    place = end = start
    for _ in range(3):
        word = _WORD.match(text, place)
        if word is None or word.group().strip().rstrip(".").lower() in _NOT_A_NAME:
            break
        end = place + len(word.group().rstrip().rstrip("."))
        place = word.end()
        if word.group().rstrip().endswith("."):
            break
    return end
