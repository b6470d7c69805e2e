"""Writes test/fixtures/text/tokenizer.json: 1,000 strings and what PyPI tokenizers makes of them with the shipped tokenizer.json.

Every string is made here from a seed, from characters chosen below and from words of the model's own vocabulary, so the fixture carries
no one's text. `models/build/run bge-small-en tokenizer_fixture` writes it again, byte for byte.

A case is {"group", "text", "ids", "starts", "ends"}, without truncation; starts and ends count Unicode code points; special tokens stand at
0..0. Tokens are written only where they are not simply the vocabulary's name of the id (never, so far). Cases over the length limit hold
{"repeat": [unit, times]} in place of the text and of the repeating middle of the lists, and "truncated": the ids after cutting to 512.
"""
import hashlib
import json
import random
import unicodedata

from tokenizers import Tokenizer

from .source import FOLDER, MAX_TOKENS, MODEL_FOLDER

PATH = FOLDER.parents[2] / "test/fixtures/text/tokenizer.json"
SEED = 20240601
COUNTS = {"cjk": 220, "emoji": 120, "accents": 120, "long": 60, "edge": 180, "scripts": 100, "english": 200}

HAN = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴切龍體學氣"
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンがぎぐげござじずぜぞばびぶべぼぱぴぷぺぽーッャュョｱｲｳｶﾞ"
HANGUL = "가각간갈감강개객거건걸검것게겨결경계고곡골공과관광교구국군굴궁권귀그극근글금기길김나날남내너노누뉴는니다단달담당대더도독동두드들등따때라락란람래러로록료루류르를름리린마만말망매머면명모목무문물미민바박반발방배백번법베변별병보복본부북분불비사산삼상새색생서석선설성세소손송수순술스습시식신실심아안알암앞애야양어억언얼엄업에여역연열영예오옥온올와완왕외요용우운울원월위유육은을음의이익인일임입있자작잔장재저적전절점정제조족종좌주죽준중지직진질집차참창채책처천철첨청체초총최추축춘출충취치친칠카코크타탄태토통투특파판팔패편평포표품풍프하학한할함합항해행향허헌험혁현형호혼홍화확환활황회획효후훈휘휴흐희히"
RARE_HAN = [0x3400, 0x4DB5, 0x9FFF, 0xF900, 0xF9D0, 0xFA0E, 0xFA6A, 0x20000, 0x2A6D6, 0x2B740, 0x2B820, 0x2CEA1, 0x2F800, 0x2FA1D, 0x30000, 0x3007, 0x2E80, 0x2F00]
FULL_WIDTH = "，。！？「」、；：（）《》【】…—～ＡＢＣ１２３％＆"
EMOJI = ["😀", "😂", "🥲", "🚀", "🌈", "🐈", "🍎", "⚽", "🎉", "💻", "🧪", "🪐", "🫠", "🩷", "☕", "✂️", "❤️", "☀️", "1️⃣", "#️⃣", "👍🏽", "👋🏿", "🤌🏻", "👩‍💻", "👨‍👩‍👧‍👦",
         "🏳️‍🌈", "🏴‍☠️", "🧑🏾‍🚀", "👩🏽‍❤️‍💋‍👨🏻", "🐻‍❄️", "🇫🇷", "🇯🇵🇧🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👁️‍🗨️", "🧔‍♂️", "🙅‍♀️", "⌚︎", "‼", "™", "🀄", "𝔘𝔫𝔦", "①②", "㊙"]
MARKS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0311\u031b\u0323\u0327\u0328\u032d\u0331\u0338\u0345\u0363\u20d7\u20dd\ufe20\u034f\u0489"
ACCENTED = ["café", "naïve", "Ångström", "Dvořák", "São Paulo", "crème brûlée", "Việt Nam", "phở bò tái", "Göteborg", "Łódź", "señor", "façade",
            "Zoë", "İstanbul", "ǅungla", "Ὀδύσσεια", "ΐ", "ᾳ̈́", "ḍ̇ṩ", "ự ớ ẫ ẵ", "Ǘǘ", "ȭ ṏ", "Žižek", "Ñandú", "Ø øre", "Æ ß ẞ", "ŉ ĳ", "K Å Ω", "각 한국"]
SCRIPTS = ["Привет, как дела? Ёлка йод", "שלום עולם! שָׁלוֹם", "مرحبا بالعالم، كيف حالك؟ مَرْحَبًا", "नमस्ते दुनिया क्षत्रिय", "สวัสดีชาวโลก ภาษาไทย", "வணக்கம் உலகம்", "ΣΊΣΥΦΟΣ Οδυσσεύς ΣΑΣ",
           "გამარჯობა ᲒᲐᲛᲐ", "Բարեւ Ձեզ", "ሰላም ለዓለም።", "ꦱꦭꦩ꧀ꦗꦒꦠ꧀", "ᬩᬲᬩᬮᬶ᭄", "বাংলা ভাষা ৎ", "ਪੰਜਾਬੀ", "සිංහල භාෂාව", "မြန်မာစာ", "ខ្មែរ", "ᏣᎳᎩ ꮳꮃꭹ", "𐐔𐐇𐐝𐐀𐐡𐐇𐐓", "ⵜⵉⴼⵉⵏⴰⵖ", "Ⅻ ⅻ ¼ ½ ²³", "ꙁѣло Ѡѻ", "ᠮᠣᠩᠭᠣᠯ", "བོད་སྐད་",
           "〮가〯나", "ᄀ\u302eᅡ\u302fᆨ", "a\u0301\u302eb\u0316\u302f", "क\u093c\u094d\u0937\u0b3c", "ෙ\u0dcf ො ෝ", "𝅘𝅥𝅮 𝅗𝅥", "ݿ߽ߵ", "ࣔم࣐", "Ꞌ ꞌ Ƣ ƣ", "Ჿ ẞ ſ ﬁ ﬂ ŉ"]
PUNCTUATION = list(".,!?;:'\"()[]{}<>-_/\\@#$%^&*+=|~`") + ["...", "--", "—", "–", "’", "“quoted”", "«", "»", "·", "•", "§", "¶", "†", "‰", "‘", "¿", "¡", "′", "⟨", "⸺", "、", "„"]
SPECIAL = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[cls]", "[ SEP ]", "[MASK", "CLS]", "[[MASK]]", "[unused1]", "##ing", "##", "[SEP][SEP]"]
ODD = ["", " ", "\t", "\n\r\n", "\0", "\0\0a\0", "\u00ad", "hy\u00adphen\u00adated", "\u200b", "zero\u200bwidth\u200bspace", "\ufeffbom", "a\u2060b", "non\u00a0breaking", "em\u2003space\u2009thin",
       "line\u2028para\u2029end", "\x1b[31mred\x1b[0m", "bell\x07\x08", "del\x7f\x80\x9f", "\ufffd", "a\ufffdb", "\u202eabc\u202c", "\u2066iso\u2069", "\u061carabic", "\x0bvt\x0cff\x85nel", "\u180emongol",
       "\ue000private\uf8ff", "\U000f0000\U0010fffd", "\ufdd0\ufffe\uffff", "\U0001fffe", "\u0378unassigned\u0380", "tag\U000e0041\U000e007f", "\ufe0f", "\u200d", "\u0301", "\u0301\u0301abc", "a\u0344b",
       "≠ ≮ ≯", "\u037e\u1fef\u0387", "\u2000\u2001x", "\u1734\u1714", "\u17b4\u17b5", "\ufff9anno\ufffbtation", "ÅÅÅ", "ﷺ", "İI\u0307ıi\u0307", "ß→SS", "ΣΣ ςσ", "ǆǅǄ", "\u1e9e"]


class Maker:
    """Seeded strings of every group."""

    def __init__(self, vocabulary):
        self.random = random.Random(SEED)
        self.words = sorted(w for w in vocabulary if w.isascii() and w.isalpha() and len(w) > 1)
        self.pieces = sorted(w[2:] for w in vocabulary if w.startswith("##") and w.isascii() and w[2:].isalpha())

    def pick(self, source, low, high, between=""):
        return between.join(self.random.choice(source) for _ in range(self.random.randint(low, high)))

    def word(self):
        r = self.random.random()
        word = self.random.choice(self.words)
        if r < 0.15:
            word = word.capitalize()
        elif r < 0.2:
            word = word.upper()
        elif r < 0.3:
            word += self.pick(self.pieces, 1, 3)
        elif r < 0.35:
            word = str(self.random.randint(0, 10 ** self.random.randint(1, 9)))
        return word

    def sentence(self, low=1, high=30):
        words = []
        for _ in range(self.random.randint(low, high)):
            r = self.random.random()
            words.append(self.word() + (self.random.choice(PUNCTUATION) if r < 0.2 else ""))
        return self.random.choice([" ", " ", " ", "  ", " \t"]).join(words)

    def cjk(self):
        kind = self.random.randrange(6)
        han, kana, hangul = (self.pick(s, 1, 20) for s in (HAN, KANA, HANGUL))
        if kind == 0:
            return han
        if kind == 1:
            return kana + han + kana
        if kind == 2:
            return " ".join(self.pick(HANGUL, 1, 5) for _ in range(self.random.randint(1, 8)))
        if kind == 3:
            return self.word() + han + self.word() + self.random.choice(FULL_WIDTH) + hangul + self.random.choice(PUNCTUATION)
        if kind == 4:
            return "".join(chr(self.random.choice(RARE_HAN) + self.random.randrange(2)) for _ in range(self.random.randint(1, 6))) + han
        return unicodedata.normalize("NFD", hangul + kana) + self.random.choice(FULL_WIDTH) + han

    def emoji(self):
        kind = self.random.randrange(3)
        if kind == 0:
            return self.pick(EMOJI, 1, 8)
        if kind == 1:
            return " ".join(self.random.choice([self.word(), self.random.choice(EMOJI)]) for _ in range(self.random.randint(2, 12))) + self.random.choice(EMOJI)
        return self.word() + self.pick(EMOJI, 1, 2) + self.word() + "\u200d" + self.random.choice(EMOJI) + self.random.choice(PUNCTUATION)

    def accents(self):
        kind = self.random.randrange(3)
        if kind == 0:
            return unicodedata.normalize("NFD", self.pick(ACCENTED, 1, 6, " "))
        if kind == 1:
            marked = "".join(c + self.pick(MARKS, 0, 3) for c in self.word())
            return f"{self.word()} {marked} {self.random.choice(ACCENTED)}"
        return unicodedata.normalize("NFKD", self.pick(ACCENTED, 1, 3, "-")) + self.random.choice(PUNCTUATION) + self.word() + self.pick(MARKS, 1, 8)

    def edge(self):
        kind = self.random.randrange(6)
        if kind == 0:
            return self.word() + self.random.choice(ODD) + self.word()
        if kind == 1:
            return self.pick(SPECIAL, 1, 3, self.random.choice(["", " "])) + self.sentence(1, 3) + self.random.choice(SPECIAL)
        if kind == 2:
            return "".join(chr(self.code_point()) for _ in range(self.random.randint(1, 12)))
        if kind == 3:
            letters = self.pick("abcdefghijklmnopqrstuvwxyzé", 95, 106)
            return f"{self.word()} {letters}{self.random.choice(['', '.', ' end'])}"
        if kind == 4:
            return self.pick(PUNCTUATION, 1, 20)
        return self.pick(ODD, 1, 4, self.random.choice(["", " ", "x"]))

    def code_point(self):
        while True:
            c = self.random.choice([self.random.randrange(0x80), self.random.randrange(0x800), self.random.randrange(0x10000), self.random.randrange(0x110000)])
            if not 0xD800 <= c < 0xE000:
                return c

    def scripts(self):
        return self.random.choice(["", self.word() + " "]) + self.pick(SCRIPTS, 1, 2, self.random.choice([" ", ""])) + self.random.choice(PUNCTUATION)

    def english(self):
        return self.sentence()

    def long(self):
        """A text that is to be repeated; its end makes sure that the copies do not grow into one word."""
        return self.random.choice([self.cjk, self.emoji, self.accents, self.english, self.scripts])() + self.random.choice([" ", ".", ", "])


def encode_case(tokenizer, group, text):
    e = tokenizer.encode(text)
    assert e.tokens == [tokenizer.id_to_token(i) for i in e.ids], text
    return {"group": group, "text": text, "ids": e.ids, "starts": [s for s, _ in e.offsets], "ends": [t for _, t in e.offsets]}


def long_case(tokenizer, limited, unit):
    """A text of `unit` repeated beyond 512 tokens. The lists are kept as digests, the ids after cutting as they are."""
    each = len(tokenizer.encode(unit * 3).ids) - len(tokenizer.encode(unit * 2).ids)
    times = -(-MAX_TOKENS * 5 // 4 // max(each, 1))
    case = encode_case(tokenizer, "long", unit * times)
    assert len(case["ids"]) > MAX_TOKENS, unit
    lists = {name: case.pop(name) for name in ("ids", "starts", "ends")}
    del case["text"]
    digest = hashlib.sha256(json.dumps([lists["ids"], lists["starts"], lists["ends"]], separators=(",", ":")).encode()).hexdigest()
    cut = limited.encode(unit * times)
    return {**case, "repeat": [unit, times], "count": len(lists["ids"]), "sha256": digest,
            "truncated": {"ids": cut.ids, "starts": [s for s, _ in cut.offsets], "ends": [t for _, t in cut.offsets]}}


def main():
    definition = (MODEL_FOLDER / "1/tokenizer.json").read_text(encoding="utf-8")
    tokenizer, limited = Tokenizer.from_str(definition), Tokenizer.from_str(definition)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    limited.enable_truncation(MAX_TOKENS)
    limited.no_padding()
    maker, cases, seen = Maker(tokenizer.get_vocab()), [], set()
    fixed = {"edge": ODD + SPECIAL, "scripts": SCRIPTS, "emoji": EMOJI, "accents": ACCENTED}
    for group, count in COUNTS.items():
        waiting = list(fixed.get(group, []))
        made = 0
        while made < count:
            if group == "long":
                cases.append(long_case(tokenizer, limited, maker.long()))
            else:
                text = waiting.pop(0) if waiting else getattr(maker, group)()
                if text in seen:
                    continue
                seen.add(text)
                cases.append(encode_case(tokenizer, group, text))
            made += 1
    PATH.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(c, ensure_ascii=True, separators=(",", ":")) for c in cases)
    PATH.write_text(f'{{"model":"bge-small-en","maxTokens":{MAX_TOKENS},"cases":[\n{lines}\n]}}\n', encoding="ascii")
    print(f"{len(cases)} cases, {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
