"""Numbers as people type them and as labdb shows them: uncertainty in brackets, "±", "<", hours and minutes.

Nothing here knows a quantity kind; `labdb.quantity.parse_quantity` puts number, unit and kind together.
"""

import math
import re
from dataclasses import dataclass
from decimal import Context, Decimal

from labdb.errors import InputError
from labdb.unit_grammar import LONGEST_TEXT
from labdb.units import conversion, plain, unit_text

COMPARED_DIGITS = 12  # raw floats miss 42 of 147 exact cases against a limit
_UNSIGNED = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_NUMBER = rf"[+-]?{_UNSIGNED}"
_UNIT = r"(?:1/|[A-Za-z%/])(?:[A-Za-z%*^/. _-]|(?<=[A-Za-z*^-])\d|\([^()]*\))*"  # a digit is a power, or not a unit
_EXPONENT = r"(?:\s*[eE](?P<e>[+-]?\d{1,3}))?"
_FORMS = [
    re.compile(rf"\(\s*(?P<value>{_NUMBER})\s*±\s*(?P<u>{_UNSIGNED})\s*\){_EXPONENT}\s*(?P<unit>{_UNIT})?", re.ASCII),
    re.compile(rf"(?P<value>{_NUMBER})\s*(?P<unit>{_UNIT})?\s*±\s*(?P<u>{_UNSIGNED})\s*(?P<u_unit>{_UNIT})?", re.ASCII),
    re.compile(
        rf"(?P<value>[+-]?(?:\d+(?:\.\d*)?|\.\d+))\((?P<last>\d+(?:\.\d*)?)\){_EXPONENT}\s*(?P<unit>{_UNIT})?",
        re.ASCII,
    ),
    re.compile(rf"(?P<value>{_NUMBER})\s*(?P<unit>{_UNIT})?", re.ASCII),
]
_KEY = re.compile(
    rf"(?<![A-Za-z])(?:(?P<key>U|u|sd|SD|k|n)\s*=|(?P<word>sd|SD)\s)\s*(?P<number>{_UNSIGNED})"
    r"(?:(?<=[\d.])\s*(?P<unit>[A-Za-z%][A-Za-z0-9%*/^.-]*)(?!\s*=)(?![A-Za-z]))?",
    re.ASCII,
)
_TIME_PART = re.compile(rf"({_UNSIGNED})\s*([a-z]+)\s*", re.ASCII)
_TIMES = ("week", "d", "h", "min", "s")
_EXAMPLES = 'write it like "0.5 mg/mL", "0.5000(11) mg/mL", "55 +/- 5 %", "U=5 k=2", "sd 5 n=3" or "< 10 ug/L"'
_NOT_FINITE = re.compile(r"[<>=\s]*[+-]?(?:nan|inf(?:inity)?|∞)(?![A-Za-z])", re.IGNORECASE)
_NO_THRESHOLD = re.compile(
    r"(?:n\.?\s?d\.?|not detected|b\.?d\.?l\.?|[<≤]=?\s*(?:LOD|LD|LOQ|LQ|LC|DL|MDL))(?![A-Za-z])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """What was typed, taken apart.

    Parameters
    ----------
    value : float, scalar [unit as typed]
        The number, or the threshold.
    unit : str
        As typed; empty when there was none.
    u : float, scalar or None [u_unit]
        Standard uncertainty.
    u_unit : str
        Unit of the uncertainty where it had its own, else empty.
    coverage_stated : bool
        False for a bare "±", which does not say what it covers.
    sign : str
        "<", ">" or empty.
    n : int, scalar or None [1]
        Number of readings behind the value.
    """

    value: float
    unit: str
    u: float | None = None
    u_unit: str = ""
    coverage_stated: bool = True
    sign: str = ""
    n: int | None = None


def scan(text: str) -> TypedNumber:
    """Take a typed quantity apart.

    Parameters
    ----------
    text : str
        At most 200 characters.

    Returns
    -------
    TypedNumber
        Number, uncertainty and unit, the unit still as typed.

    Raises
    ------
    InputError
        If it is no number, not finite, has a comma, two uncertainties, or one that is not complete.

    Examples
    --------
    >>> scan("0.5000(11) mg/mL").u, scan("(55 ± 5) % (k=2)").u, scan("1 h 30 min").value
    (0.0011, 2.5, 1.5)
    """
    if not isinstance(text, str):
        raise InputError(f"found {type(text).__name__}, expected text; {_EXAMPLES}")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"found {len(text)} characters, expected a quantity of at most {LONGEST_TEXT}; {_EXAMPLES}")
    rest = re.sub(r"\+\s?/\s?-|\+-", "±", plain(text))
    text = text.strip() if text.isprintable() else ascii(text)[1:-1]  # as shown in messages
    _refuse_early(text, rest)
    rest = re.sub(r"(?<=[\d.)])\s*[*x]\s*10\s*(?:\^|\*\*)\s*([+-]?\d{1,3})(?!\d)", r"e\1", rest)
    sign = re.match(r"([<>])=?\s*", rest)
    rest = rest[sign.end() :] if sign else rest
    keys, rest = _take_keys(text, rest)
    return _number(text, rest, sign[1] if sign else "", keys)


def _refuse_early(text: str, rest: str) -> None:
    """Refuse what has its own advice, before "cannot read" would hide it."""
    if not rest:
        raise InputError(f"found nothing, expected a quantity; {_EXAMPLES}; or leave the value out with a reason")
    comma = re.search(r"\d*,\d+", rest)
    if comma:
        number = comma.group()
        point, joined = number.replace(",", ".", 1), number.replace(",", "")
        either = f"{point} or {joined}, whichever is meant" if re.fullmatch(r"[1-9]\d{0,2},\d{3}", number) else point
        raise InputError(f'"{text}": found a comma inside a number, expected a decimal point; write {either}')
    if _NOT_FINITE.match(rest):
        raise InputError(f'"{text}": not a finite number; leave the value out and give the reason')
    if _NO_THRESHOLD.match(rest):
        raise InputError(f'"{text}": found no threshold, expected one with its unit; write it like "< 10 ug/L"')


def _take_keys(text: str, rest: str) -> tuple[dict[str, tuple[float, str]], str]:
    """Take "k=2", "n=3", "U=5", "u=5", "sd 5" and "exact" out of the text."""
    keys: dict[str, tuple[float, str]] = {}
    for found in _KEY.finditer(rest):
        key = found["key"] or found["word"]
        key = key if key == "U" else key.lower()
        number, unit = _finite(text, found["number"]), found["unit"] or ""
        if key in keys:
            raise InputError(f'"{text}": found {key} twice, expected it once')
        if key in ("k", "n") and unit:  # the unit of the value, typed last: "55 U=5 k=2 %"
            keys["unit"], unit = (0.0, unit), ""
        keys[key] = (number, unit)
    rest = _KEY.sub(" ", rest)
    rest, exact = re.subn(r"\(\s*exact(?:ly)?\s*\)|(?<![A-Za-z])exact(?:ly)?$", " ", rest)
    if exact:
        keys["exact"] = (0.0, "")
    rest = re.sub(r"\([\s,;]*\)|[\s,;]+(?=$|\()|[,;]", " ", rest)
    return keys, rest.strip()


def _number(text: str, rest: str, sign: str, keys: dict[str, tuple[float, str]]) -> TypedNumber:
    form = next((found for found in (pattern.fullmatch(rest) for pattern in _FORMS) if found), None)
    parts = form.groupdict() if form else {}
    value, unit = 0.0, ""
    if form is None:
        value, unit = _compound_time(text, rest)
    else:
        power = parts.get("e") or "0"
        value, unit = (
            _finite(text, f"{parts['value']}e{power}" if parts.get("e") else parts["value"]),
            parts["unit"] or "",
        )
    if "unit" in keys:
        if unit:
            raise InputError(f'"{text}": found two units, "{unit}" and "{keys["unit"][1]}", expected one')
        unit = keys["unit"][1]
    candidates = _uncertainties(text, parts, keys)
    if len(candidates) > 1:
        raise InputError(f'"{text}": found more than one uncertainty, expected one')
    u, u_unit, stated = candidates[0] if candidates else (None, "", True)
    if "k" in keys and "U" not in keys:
        if u is None or keys["k"][0] <= 0:
            raise InputError(f'"{text}": found k = {keys["k"][0]:g} without an uncertainty it divides; {_EXAMPLES}')
        u, stated = u / keys["k"][0], True
    unit = unit.strip()
    if form is not None and parts.get("u") and not unit and u_unit:
        unit, u_unit = u_unit, ""  # "55 ± 5 %": the unit stands behind both
    return TypedNumber(value, unit, u, u_unit.strip(), stated, sign, _count(text, keys))


def _uncertainties(
    text: str, parts: dict[str, str | None], keys: dict[str, tuple[float, str]]
) -> list[tuple[float, str, bool]]:
    """Every uncertainty in the text: (standard uncertainty, its own unit, whether its coverage is stated)."""
    found: list[tuple[float, str, bool]] = []
    power = parts.get("e") or "0"
    if parts.get("u"):
        scaled = f"{parts['u']}e{power}" if parts.get("e") else str(parts["u"])
        found.append((_finite(text, scaled), parts.get("u_unit") or "", False))
    if parts.get("last"):
        last, number = str(parts["last"]), str(parts["value"])
        decimals = 0 if "." in last else len(number.partition(".")[2])
        found.append((_finite(text, f"{last}e{int(power) - decimals}"), "", True))
    if "u" in keys:
        found.append((*keys["u"], True))
    if "U" in keys:
        if "k" not in keys or keys["k"][0] <= 0:
            raise InputError(f'"{text}": found U without its coverage factor, expected both; write it like "U=5 k=2"')
        found.append((keys["U"][0] / keys["k"][0], keys["U"][1], True))
    if "sd" in keys:
        if "n" not in keys or keys["n"][0] < 2:
            raise InputError(
                f'"{text}": found a standard deviation without n >= 2, expected both; write "sd 5 n=3", or "u=5"'
            )
        found.append((keys["sd"][0] / math.sqrt(keys["n"][0]), keys["sd"][1], True))
    if "exact" in keys:
        found.append((0.0, "", True))
    return found


def _count(text: str, keys: dict[str, tuple[float, str]]) -> int | None:
    if "n" not in keys:
        return None
    n = keys["n"][0]
    if n < 1 or n != int(n):
        raise InputError(f'"{text}": found n = {n:g}, expected a whole number of readings, 1 or more')
    return int(n)


def _compound_time(text: str, rest: str) -> tuple[float, str]:
    """Read "1 h 30 min" into its largest unit; anything else is refused here."""
    parts = [(float(number), unit_text(unit)) for number, unit in _TIME_PART.findall(rest)]
    order = [_TIMES.index(unit) for _, unit in parts if unit in _TIMES]
    if len(parts) < 2 or len(order) < len(parts) or sorted(set(order)) != order or _TIME_PART.sub("", rest):
        raise InputError(f'cannot read "{text}" as a quantity; {_EXAMPLES}')
    largest = parts[0][1]
    return sum(conversion(unit, largest).value(number) for number, unit in parts), largest


def _finite(text: str, number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise InputError(f'"{text}": {number} is too large a number')
    return value


def format_number(value: float, u: float | None = None, style: str = "") -> str:
    """Show a number with as many digits as its uncertainty allows.

    Parameters
    ----------
    value : float, scalar [any]
        The value.
    u : float, scalar or None [unit of value]
        Standard uncertainty; None: not known; 0: exact.
    style : str
        "" for brackets, "pm" for "±".

    Returns
    -------
    str
        Uncertainty to 2 significant digits, to 1 where neither number has more; without one at most 6 digits.

    Notes
    -----
    Source: JCGM 100:2008 (GUM), 7.2.2 (notation) and 7.2.6 (at most two digits).

    Examples
    --------
    >>> format_number(5.0812, 0.508), format_number(5.0812, 0.508, "pm"), format_number(25, 0.05)
    ('5.08(51)', '5.08 ± 0.51', '25.00(5)')
    >>> format_number(886962.4), format_number(1.5e-9, 2e-10), format_number(2, 0)
    ('886962', '1.5(2)e-9', '2 (exact)')
    """
    if u is None:
        return f"{value + 0.0:.6g}"
    if u == 0:
        return f"{value + 0.0:.12g} (exact)"
    last = _last_digit(value, u)
    top = max(Decimal(repr(abs(value))).adjusted() if value else last, last)
    if top - last > 15:  # beyond what a float holds: nothing to line up
        return f"({value!r} ± {u:.2g})" if style else f"{value!r} ± {u:.2g}"
    step, wide = Decimal(1).scaleb(last), Context(prec=60)
    shown, shown_u = (Decimal(repr(number)).quantize(step, context=wide) for number in (value, u))
    top = max(number.adjusted() for number in (shown, shown_u) if number)
    power = 0 if -5 < top < 7 else top
    shown, shown_u, last = shown.scaleb(-power), shown_u.scaleb(-power), last - power
    mantissa = f"{shown if shown else abs(shown):f}"
    tail = f"e{power}" if power else ""
    if style == "pm":
        return f"({mantissa} ± {shown_u:f}){tail}" if tail else f"{mantissa} ± {shown_u:f}"
    bracket = f"{shown_u:f}" if last >= 0 else f"{shown_u.scaleb(-last):f}"
    return f"{mantissa}({bracket}){tail}"


def _last_digit(value: float, u: float) -> int:
    """Power of ten of the last digit shown: the second of u, the first where neither number has another."""
    first = Decimal(f"{u:.1e}").adjusted()
    if float(f"{u:.0e}") != float(f"{u:.11e}"):
        return first - 1
    coarse = Decimal(repr(value)).quantize(Decimal(1).scaleb(first), context=Context(prec=700))
    return first if round_significant(value) == float(coarse) else first - 1


def format_bound(bound: float, u: float | None = None) -> str:
    """Show a threshold or bound; a computed one (with uncertainty) to 3 significant digits.

    Parameters
    ----------
    bound : float, scalar [any]
        The threshold.
    u : float, scalar or None [unit of bound]
        Its standard uncertainty.

    Returns
    -------
    str
        Without sign and unit.

    Examples
    --------
    >>> format_bound(10), format_bound(20, 0.044)
    ('10', '20.0')
    """
    if not u:
        return f"{bound + 0.0:.6g}"
    digits = f"{bound:#.3g}"
    return digits.removesuffix(".") if "e" not in digits else f"{bound:.3g}"


def round_significant(value: float, digits: int = COMPARED_DIGITS) -> float:
    """Round to significant digits, so that 0.1 + 0.2 compares equal to 0.3.

    Parameters
    ----------
    value : float, scalar [any]
        Any finite number.
    digits : int, scalar [1]
        How many significant digits stay.

    Returns
    -------
    float, scalar [unit of value]
        The rounded number; never -0.

    Examples
    --------
    >>> round_significant(0.1 + 0.2), round_significant(123456.0, 2)
    (0.3, 120000.0)
    """
    return float(f"{value:.{digits - 1}e}") + 0.0
