"""How guessable a password is: against a list of leaked ones, offline, and by what it is made of."""

from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from gateway.domain.passwords import Guessed
from gateway.domain.text import fold

#: Below this (of 0 to 4) a determined attacker with the hash wins.
_LEAST_SCORE = 3
#: zxcvbn takes time that grows fast with the length; what is longer is not easy.
_LONGEST_LOOK = 64
_LEAKED = frozenset(FREQUENCY_LISTS["passwords"])
#: What Vietnamese passwords are made of and the lists of other languages do not hold.
_VIETNAMESE = frozenset(
    {
        "matkhau",
        "matkhaumoi",
        "anhyeuem",
        "emyeuanh",
        "yeuem",
        "iloveyou",
        "khongbiet",
        "khongcomatkhau",
        "vietnam",
        "hanoi",
        "saigon",
        "tphcm",
        "haiphong",
        "danang",
        "cantho",
        "hoilamgi",
        "xinchao",
        "tamtam",
        "phuong",
        "huong",
        "nguyen",
        "tran",
        "pham",
        "hoang",
        "vanthu",
        "congvan",
        "quantri",
        "quantrivien",
        "vanphong",
        "ubnd",
        "uybannhandan",
        "hoidongnhandan",
        "sonoivu",
        "tinhuy",
        "liendoan",
        "giadinh",
        "hanhphuc",
        "maimai",
        "contrai",
        "congai",
        "bome",
        "cogai",
        "chaobuoisang",
    }
)


def guess(password: str, personal: tuple[str, ...]) -> Guessed:
    """Return what an attacker who knows the *personal* words makes of *password*. Blocks."""
    bare = fold(password).replace(" ", "")
    leaked = bool(_LEAKED & {password, password.casefold(), bare, bare.rstrip("0123456789!@#.")})
    if len(password) > _LONGEST_LOOK:
        return Guessed(leaked=leaked, easy=len(set(bare)) < _LEAST_SCORE * 2)
    words = [*personal, *_VIETNAMESE]
    score = min(zxcvbn(each, user_inputs=words)["score"] for each in {password, bare} if each)
    return Guessed(leaked=leaked, easy=score < _LEAST_SCORE)
