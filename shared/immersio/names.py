"""People's names: one text here, two parts at Immersio."""

# There the family comes first.
FAMILY_FIRST = ("vi", "zh", "ja", "ko", "hu")


def whole_name(given: str, family: str, locale: str) -> str:
    """As it is written in the language of `locale`."""
    names = [family, given] if locale[:2] in FAMILY_FIRST else [given, family]
    return " ".join(filter(None, names))


def parts_of_name(name: str, locale: str) -> tuple[str, str]:
    """(given, family): `Mai Tran` → `Mai`, `Tran`; in Vietnamese `Trần Thị Mai` → `Mai`, `Trần Thị`."""
    words = name.split() or ["Student"]
    if locale[:2] in FAMILY_FIRST:
        return words[-1][:200], " ".join(words[:-1])[:200]
    return words[0][:200], " ".join(words[1:])[:200]
